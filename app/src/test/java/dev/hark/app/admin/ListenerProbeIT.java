package dev.hark.app.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.TlsFiles;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.http.AdminGate;
import dev.hark.app.http.AdminListener;
import dev.hark.app.http.Listener;
import dev.hark.app.http.Live;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.listen.ListenMeter;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.app.tls.ListenerTls;
import dev.hark.thread.VitalThreads;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The question of the probe, to a listener that asks clients for certificates. */
class ListenerProbeIT {
    @TempDir
    static Path folder;

    private static TlsFiles files;

    @BeforeAll
    static void makeFiles() {
        files = new TlsFiles(folder).authority("hub").authority("clients");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "optional", "required"})
    void isAnsweredWhateverClientsHaveToShow(String clients) throws Exception {
        HarkConfig config = config(clients);
        Live live = Live.of(config);
        var asked = new AtomicInteger();
        Listeners listeners = listeners();
        try (Listener listener = start(config, live, listeners, asked)) {
            for (int i = 1; i <= 3; i++) {
                assertThat(ListenerProbe.answers(address(listener), live.admin())).isTrue();
                assertThat(asked).as("a whole request").hasValue(i);
            }
            assertThat(ListenMeter.CONNECTIONS_FAILED_HANDSHAKE.read(listeners)).isZero();
        }
    }

    /** What another listener has been told of a connection opens nothing here. */
    @Test
    void nobodyElseIsSpared() throws Exception {
        HarkConfig config = config("required");
        Live live = Live.of(config);
        ListenerTls other = Live.of(config).admin();
        var asked = new AtomicInteger();
        Listeners listeners = listeners();
        try (Listener listener = start(config, live, listeners, asked)) {
            try {
                ListenerProbe.answers(address(listener), other);
            } catch (IOException e) {
                assertThat(e).as("or TLS's own refusal, which is an answer").isNotNull();
            }
            await().until(() -> ListenMeter.CONNECTIONS_FAILED_HANDSHAKE.read(listeners) == 1);
            assertThat(asked).hasValue(0);
        }
    }

    private static HarkConfig config(String clients) {
        List<String> set = new ArrayList<>(files.settings("admin", "hub"));
        set.addAll(List.of("admin.port=0", "admin.tls.client-certificates=" + clients,
                "admin.tls.client-authorities=" + files.path("clients.pem")));
        return new ConfigSource(null, set, Map.of()).load();
    }

    private static Listeners listeners() {
        var places = new ListenSettings(4, true, Duration.ofSeconds(10));
        return Listeners.start(places, places, new VitalThreads());
    }

    private static Listener start(HarkConfig config, Live live, Listeners listeners, AtomicInteger asked) {
        AdminGate gate = AdminGate.open();
        return AdminListener.start(config, live, gate, listeners, new ClientFaults(), routing -> routing.any((request, response) -> {
            asked.incrementAndGet();
            response.header(HeaderNames.ALLOW, "GET").send();
        }));
    }

    private static InetSocketAddress address(Listener listener) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), listener.port());
    }
}
