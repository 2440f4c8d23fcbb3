package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.TlsFiles;
import dev.hark.app.Wire;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.thread.VitalThreads;
import io.helidon.webserver.http.HttpRouting;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a handler is told of who has sent a request, through the whole of a listener. */
class ClientCertificateIT {
    private static final String NOBODY = "nobody";

    @TempDir
    static Path folder;

    private static TlsFiles files;

    @BeforeAll
    static void makeFiles() {
        files = new TlsFiles(folder)
                .authority("ca").certificate("ca", "hub")
                .authority("clients").certificate("clients", "backend").keystore("backend")
                .authority("strangers").certificate("strangers", "stranger").keystore("stranger");
    }

    @Test
    void namesWhoShowsOneWhereItIsOptional() throws Exception {
        byte[] encoded = files.certificate("backend").getEncoded();
        String fingerprint = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(encoded));
        try (Listener listener = start("client-certificates=optional", "client-authorities=" + files.path("clients.pem"))) {
            SSLContext backend = files.client("ca", "backend");
            String expected = "CN=backend,O=Shop " + fingerprint + ' ' + files.certificate("backend").getNotAfter().toInstant();
            assertThat(ask(listener, backend)).isEqualTo(expected);
            assertThat(ask(listener, backend)).as("in a session that is resumed").isEqualTo(expected);
            assertThat(ask(listener, files.client("ca", null))).isEqualTo(NOBODY);
        }
    }

    @Test
    void neverNamesSomebodyForWhomNobodyVouches() {
        for (String kind : List.of("optional", "required")) {
            try (Listener listener = start("client-certificates=" + kind, "client-authorities=" + files.path("clients.pem"))) {
                assertThatThrownBy(() -> ask(listener, files.client("ca", "stranger"))).isInstanceOf(UncheckedIOException.class);
            }
        }
    }

    @Test
    void namesNobodyWhereNobodyIsAsked() {
        try (Listener listener = start()) {
            assertThat(ask(listener, files.client("ca", "backend"))).isEqualTo(NOBODY);
        }
        try (Listener plain = start(List.of())) {
            assertThat(ask(plain, null)).isEqualTo(NOBODY);
        }
    }

    private static Listener start(String... tls) {
        List<String> settings = new ArrayList<>(files.settings("admin", "hub"));
        List.of(tls).forEach(each -> settings.add("admin.tls." + each));
        return start(settings);
    }

    private static Listener start(List<String> settings) {
        List<String> set = new ArrayList<>(settings);
        set.add("admin.port=0");
        HarkConfig config = new ConfigSource(null, set, Map.of()).load();
        var places = new ListenSettings(4, config.admin().tls().isPresent(), Duration.ofSeconds(10));
        Listeners listeners = Listeners.start(places, places, new VitalThreads());
        return AdminListener.start(
                config, Live.of(config), AdminGate.open(), listeners, new ClientFaults(), ClientCertificateIT::route);
    }

    private static void route(HttpRouting.Builder routing) {
        routing.get("/who", (request, response) -> response.send(ClientCertificate.of(request)
                .map(shown -> shown.subject() + ' ' + shown.fingerprint() + ' ' + shown.expires())
                .orElse(NOBODY)));
    }

    private static String ask(Listener listener, @Nullable SSLContext client) {
        try (Wire wire = client == null ? Wire.connect(listener.uri()) : Wire.connect(listener.uri(), client)) {
            return wire.request("GET", "/who").answer().body();
        }
    }
}
