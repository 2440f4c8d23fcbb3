/**
 * The data listener: publishing, subscribing, other people's URLs, and every refusal as a problem document.
 *
 * <p>Handlers run on Helidon's virtual thread of the connection; a stream is written by a virtual thread of its own.
 */
@NullMarked
package dev.hark.app.http;

import org.jspecify.annotations.NullMarked;
