package dev.hark.app.listen;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PlainSocket;
import java.lang.reflect.Field;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** The socket below one of Helidon's. Stateless. */
public final class WrappedSocket {
    /* Helidon 4.5.0 holds it in a private field. Where another Helidon has no such field, it is not known. */

    private static final System.Logger LOGGER = System.getLogger(WrappedSocket.class.getName());
    private static final @Nullable Field DELEGATE = delegate();

    private WrappedSocket() {}

    private static @Nullable Field delegate() {
        try {
            Field field = PlainSocket.class.getDeclaredField("delegate");
            field.setAccessible(true);
            return Socket.class.isAssignableFrom(field.getType()) ? field : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Helidon keeps its sockets elsewhere", e);
            return null;
        }
    }

    /** The socket that {@code socket} wraps; null where that is not known. */
    public static @Nullable Socket of(HelidonSocket socket) {
        try {
            return DELEGATE != null && socket instanceof PlainSocket && DELEGATE.get(socket) instanceof Socket plain ? plain : null;
        } catch (IllegalAccessException e) {
            return null;
        }
    }
}
