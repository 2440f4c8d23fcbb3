package dev.hark.app.http;

import dev.hark.app.config.CorsSettings;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.http.wire.HeadRoom;
import dev.hark.app.http.wire.WireRules;
import dev.hark.app.listen.Listeners;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.util.List;
import java.util.function.Consumer;

/** The listener for operators and their machines. It reads requests by the rules of the data listener. Stateless. */
public final class AdminListener {
    /** A few monitors, and those who look by hand. */
    public static final int MAX_CONNECTIONS = 64;

    /** Nothing that it answers has a body worth mentioning. */
    private static final long MAX_BODY_BYTES = 64 << 10;

    private static final int MAX_REQUEST_LINE_BYTES = 8 << 10;

    private AdminListener() {}

    /**
     * Listens.
     *
     * @param live      what may change of it while it runs
     * @param gate      who is let in
     * @param listeners looks after its connections
     * @param faults    counts what clients do wrong
     * @throws IllegalStateException if the address cannot be listened on; nothing runs then
     */
    public static Listener start(
            HarkConfig config,
            Live live,
            AdminGate gate,
            Listeners listeners,
            ClientFaults faults,
            Consumer<HttpRouting.Builder> routes) {
        var origins = new CrossOrigin(new CorsSettings(List.of(), false));
        var early = new EarlyRefusals(() -> origins);
        HttpRouting.Builder routing = HttpRouting.builder()
                .addFilter(new Closing())
                .addFilter(new BrowserRules())
                .addFilter(gate)
                .addFilter(origins)
                .addFilter(new HostNames(config.server().hosts()))
                .addFilter(new TextCharset());
        Problems.register(routing);
        routes.accept(routing);
        WebServerConfig.Builder server = WebServer.builder()
                .maxTcpConnections(MAX_CONNECTIONS)
                .connectionOptions(listeners.admin().noting(SocketOptions.create()))
                .maxPayloadSize(MAX_BODY_BYTES)
                .errorHandling(DataListener.refusals())
                .directHandlers(Problems.direct(MAX_BODY_BYTES, early))
                .routing(routing);
        var rules = new WireRules(MAX_REQUEST_LINE_BYTES, DataListener.MAX_FIELD_BYTES, MAX_BODY_BYTES);
        IdleTimeout.of(config.server()).apply(server, rules, faults, early, HeadRoom.PLENTY, listeners.admin());
        live.admin().forListener().ifPresent(server::tls);
        return Listener.start("admin", config.admin().host(), config.admin().port(), server);
    }
}
