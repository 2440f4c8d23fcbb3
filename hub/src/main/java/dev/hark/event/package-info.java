/**
 * The values: topics, filters, events, ids, and an event as Server-Sent Events bytes, in each of its shapes.
 *
 * <p>Everything here is immutable, but for the shapes that {@link dev.hark.event.Shapes} keeps, and knows no thread, file or socket.
 * Anybody may call it.
 */
@NullMarked
package dev.hark.event;

import org.jspecify.annotations.NullMarked;
