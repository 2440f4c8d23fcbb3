/**
 * Encryption of the listeners: keys and certificates are read from files, checked, and renewed in place while connections go on.
 *
 * <p>The node makes a {@link dev.hark.app.tls.ListenerTls} for each listener before it starts anything; handshakes ask it from any thread.
 */
@NullMarked
package dev.hark.app.tls;

import org.jspecify.annotations.NullMarked;
