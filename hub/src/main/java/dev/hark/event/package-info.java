/**
 * The values: topics, filters, events, ids, and an event as Server-Sent Events bytes.
 *
 * <p>Everything here is immutable and knows no thread, file or socket. Anybody may call it.
 */
@NullMarked
package dev.hark.event;

import org.jspecify.annotations.NullMarked;
