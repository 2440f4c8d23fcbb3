package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.SilentLog;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(SilentLog.LOG)
class ListenerTest {
    private static final Logger HELIDON = Logger.getLogger("io.helidon.webserver.ServerListener");

    @Test
    void localhostThatLeadsElsewhereIsRefused() throws UnknownHostException {
        InetAddress elsewhere = InetAddress.getByAddress("localhost", new byte[] {10, 0, 0, 1});
        for (String name : List.of("localhost", "LOCALHOST")) {
            assertThatThrownBy(() -> Listener.requireLocal("server", name, elsewhere))
                    .hasMessageContaining("server.host localhost leads to 10.0.0.1");
        }
        Listener.requireLocal("server", "localhost", InetAddress.ofLiteral("127.0.0.1"));
        Listener.requireLocal("server", "localhost", InetAddress.ofLiteral("::1"));
        Listener.requireLocal("server", "10.0.0.1", elsewhere);
    }

    /** What Helidon logs where the socket is closed between two accepts: which of the two comes first is chance. */
    @Test
    void closingIsNoErrorWheneverItComes() {
        Listener.start("server", "127.0.0.1", 0, WebServer.builder()).close();

        Filter filter = HELIDON.getFilter();
        List<Boolean> logged = new ArrayList<>();
        for (Exception thrown : List.of(new ClosedChannelException(), new IOException("too many open files"))) {
            var record = new LogRecord(Level.SEVERE, "this server socket is terminating now");
            record.setThrown(thrown);
            logged.add(filter.isLoggable(record));
        }
        assertThat(logged).containsExactly(false, true);
    }
}
