package dev.hark.app.http;

import dev.hark.app.listen.Connection;
import dev.hark.app.listen.WatchedContext;
import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Hands out {@link StreamSink}s; found by Helidon as a service. */
public final class StreamSinkProvider implements SinkProvider<byte[]> {
    @Override
    public boolean supports(GenericType<? extends Sink<?>> type, ServerRequest request) {
        return type.equals(StreamSink.TYPE);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Helidon asks only after supports() has said that X is StreamSink
    public <X extends Sink<byte[]>> X create(SinkProviderContext context) {
        ConnectionContext connection = context.connectionContext();
        Optional<Connection> watched = connection instanceof WatchedContext noted ? noted.connection() : Optional.empty();
        return (X) new StreamSink(connection.serverSocket(), watched, context.serverResponse());
    }

    @Override
    @Deprecated(since = "4.1.2", forRemoval = true)
    @SuppressWarnings({"removal", "TypeParameterUnusedInFormals"}) // abstract in Helidon 4.3 still
    public <X extends Sink<byte[]>> X create(ServerResponse response, BiConsumer<Object, MediaType> eventConsumer, Runnable closeRunnable) {
        throw new UnsupportedOperationException("needs the connection, which Helidon gives since 4.1.2");
    }
}
