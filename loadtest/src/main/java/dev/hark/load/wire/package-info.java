/**
 * Bytes on the wire: server-sent events, HTTP responses and the stamped payload, read and written without allocating per event.
 *
 * <p>Nothing here knows a socket or a clock. Instances are confined to the thread that feeds them.
 */
@NullMarked
package dev.hark.load.wire;

import org.jspecify.annotations.NullMarked;
