/**
 * The listeners. A request enters in {@code Listener} and {@code StreamConnection}, passes {@code RequestFront} and the filters {@code
 * HostNames}, {@code LiveTerms}, {@code CrossOrigin} and {@code TextCharset}, and reaches {@code PublishHandler} or {@code
 * SubscribeHandler} through {@code DataRoutes}; every refusal is a problem document. A stream leaves through {@code StreamSink}.
 *
 * <p>Handlers run on Helidon's virtual thread of the connection; a stream is written by a virtual thread of its own.
 */
@NullMarked
package dev.hark.app.http;

import org.jspecify.annotations.NullMarked;
