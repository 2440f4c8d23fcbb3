package dev.hark.app.http;

import dev.hark.app.http.wire.RequestFront;
import dev.hark.app.listen.Connection;
import io.helidon.common.GenericType;
import io.helidon.common.media.type.MediaType;
import io.helidon.http.DateTime;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import io.helidon.webserver.http.spi.SinkProvider;
import io.helidon.webserver.http.spi.SinkProviderContext;
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
        ServerResponseHeaders head = context.serverResponse().headers();
        head.set(HeaderNames.DATE, DateTime.rfc1123String());
        if (RequestFront.isHttp10(connection)) {
            // Its client knows nothing of chunks: the body ends with the connection.
            head.remove(HeaderNames.TRANSFER_ENCODING);
        }
        return (X) new StreamSink(connection.serverSocket(), Connection.current(), context.serverResponse());
    }

    @Override
    @Deprecated(since = "4.1.2", forRemoval = true)
    @SuppressWarnings({"removal", "TypeParameterUnusedInFormals"}) // abstract in Helidon 4.3 still
    public <X extends Sink<byte[]>> X create(ServerResponse response, BiConsumer<Object, MediaType> eventConsumer, Runnable closeRunnable) {
        throw new UnsupportedOperationException("needs the connection, which Helidon gives since 4.1.2");
    }
}
