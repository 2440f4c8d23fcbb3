/**
 * Between a socket and Helidon: what a client sends is read here, strictly (RFC 9112), and Helidon is given only requests that are
 * well-formed, in one form; what it answers is put right where it must be. Knows nothing of routes.
 *
 * <p>Everything about one connection is confined to that connection's thread.
 */
@NullMarked
package dev.hark.app.http.wire;

import org.jspecify.annotations.NullMarked;
