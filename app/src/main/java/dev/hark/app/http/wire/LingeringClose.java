package dev.hark.app.http.wire;

import dev.hark.app.listen.WrappedSocket;
import io.helidon.common.socket.HelidonSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;

/**
 * The end of a connection whose client may still be sending: what was answered is followed by an end, and what still comes is read and
 * forgotten for a while, because a socket that is closed with bytes unread is reset, and its client does not get to read why (RFC 9112,
 * section 9.6). Stateless.
 */
final class LingeringClose {
    /* Helidon 4.5.0 has no way to close one half of a socket. Where the socket below its own is not known, the connection is closed at
       once, and some clients are reset. */

    private static final Duration TIME = Duration.ofSeconds(2);
    private static final int MAX_BYTES = 8 << 20;

    /** How often it reads when the time is over: what is there by then, for this thread may have had no processor meanwhile. */
    private static final int MAX_LATE = 64;

    private LingeringClose() {}

    /** Says the end, and reads until the client says it too, has sent too much, or takes too long. */
    static void close(HelidonSocket socket) {
        Socket plain = WrappedSocket.of(socket);
        if (plain == null) {
            return;
        }
        long until = System.nanoTime() + TIME.toNanos();
        try {
            plain.shutdownOutput();
            byte[] bytes = new byte[0];
            int late = 0;
            for (int read = 0; bytes != null && read < MAX_BYTES; read += bytes.length) {
                long left = Math.max(0, until - System.nanoTime());
                if (left == 0 && late++ == MAX_LATE) {
                    return;
                }
                plain.setSoTimeout(Math.toIntExact(left / 1_000_000 + 1));
                bytes = socket.get();
                if (bytes == null) {
                    return;
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // It took too long, or is gone: at its end either way.
        }
    }
}
