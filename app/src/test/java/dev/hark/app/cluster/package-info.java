/**
 * Several nodes that share one log, as processes, with servers of NATS and the lines between all of them, while anything of it fails:
 * publishers and subscribers note what they were told, and one checker that knows no sockets judges their notes.
 */
@NullMarked
package dev.hark.app.cluster;

import org.jspecify.annotations.NullMarked;
