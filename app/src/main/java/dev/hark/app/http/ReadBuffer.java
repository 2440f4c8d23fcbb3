package dev.hark.app.http;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PlainSocket;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * The buffer that Helidon reads a connection into, 8 KiB for as long as the connection lives. A stream's client has said all that it has to
 * say, so a stream has a smaller one: the other would be half of what it takes of the heap. Stateless.
 */
final class ReadBuffer {
    /* Helidon 4.3.0 has no setting for it, and holds it in a final field of the socket, which it holds in the frame that the stream runs
       on. The field is an ordinary one, which reflection may write, and Helidon takes it from there at each read. Where another Helidon has
       no such field, streams take more memory and nothing else changes; ReadBufferTest tells. */

    /** What a client sends after its request is ignored. */
    private static final int BYTES = 64;

    private static final System.Logger LOGGER = System.getLogger(ReadBuffer.class.getName());
    private static final @Nullable Field FIELD = field();

    private ReadBuffer() {}

    private static @Nullable Field field() {
        try {
            Field field = PlainSocket.class.getDeclaredField("readBuffer");
            field.setAccessible(true);
            return field.getType() == byte[].class ? field : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "streams keep the read buffers of their connections", e);
            return null;
        }
    }

    /** Has {@code socket} hold a smaller one. Called by the thread that reads the socket, between two reads. */
    static void shrink(HelidonSocket socket) {
        if (FIELD != null && socket instanceof PlainSocket) {
            try {
                FIELD.set(socket, new byte[BYTES]);
            } catch (IllegalAccessException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a stream keeps the read buffer of its connection", e);
            }
        }
    }

    /** How many bytes {@code socket} holds for reading; -1 where that is not known. */
    static int length(HelidonSocket socket) throws IllegalAccessException {
        return FIELD != null && socket instanceof PlainSocket && FIELD.get(socket) instanceof byte[] buffer ? buffer.length : -1;
    }
}
