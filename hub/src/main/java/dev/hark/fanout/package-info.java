/**
 * The fan-out: lanes walk the log in order and offer each event to the mailboxes of its subscribers; each
 * subscriber's thread drains its own.
 *
 * <p>A lane is a platform thread, a subscriber runs on a virtual thread, and one sweeper cuts stalled streams and starts heartbeats.
 */
@NullMarked
package dev.hark.fanout;

import org.jspecify.annotations.NullMarked;
