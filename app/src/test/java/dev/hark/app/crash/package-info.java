/**
 * The durable log under SIGKILL, threads that die, disks that hang and rights that end: publishers and subscribers note what a
 * server told them meanwhile, and one checker that knows no sockets judges their notes.
 */
@NullMarked
package dev.hark.app.crash;

import org.jspecify.annotations.NullMarked;
