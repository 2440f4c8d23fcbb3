package dev.hark.app.http;

import dev.hark.app.config.ServerSettings;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.http.wire.HeadRoom;
import dev.hark.app.http.wire.RefusalText;
import dev.hark.app.http.wire.WireRules;
import dev.hark.app.listen.Connections;
import io.helidon.webserver.WebServerConfig;
import java.time.Duration;

/**
 * How long a connection may ask for nothing, or be about one request, in Helidon's terms.
 *
 * @param timeout after which it is closed
 * @param period  how often that is looked at
 */
record IdleTimeout(Duration timeout, Duration period) {
    /** Helidon reads the time of requests from a clock that ticks once a second or later; so much longer may a connection seem idle. */
    private static final Duration COARSE_CLOCK = Duration.ofSeconds(2);

    /** How often connections are looked at, where a quarter of the timeout is longer. */
    private static final Duration PERIOD = Duration.ofSeconds(5);

    static IdleTimeout of(ServerSettings settings) {
        Duration quarter = settings.idleTimeout().dividedBy(4);
        return new IdleTimeout(settings.idleTimeout().plus(COARSE_CLOCK), quarter.compareTo(PERIOD) < 0 ? quarter : PERIOD);
    }

    /** Has {@code server} close such connections, each of which is read by {@code rules} and noted in {@code connections}. */
    void apply(
            WebServerConfig.Builder server,
            WireRules rules,
            ClientFaults faults,
            RefusalText refusals,
            HeadRoom.Source heads,
            Connections connections) {
        server.idleConnectionTimeout(timeout)
                .idleConnectionPeriod(period)
                .addConnectionSelector(new StreamConnections(rules, faults, refusals, heads, connections, timeout));
    }
}
