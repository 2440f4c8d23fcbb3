/**
 * The durable log under SIGKILL: publishers and subscribers note what a server told them while it is killed again and again, and one
 * checker that knows no sockets judges their notes.
 */
@NullMarked
package dev.hark.app.crash;

import org.jspecify.annotations.NullMarked;
