package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.TlsFiles;
import dev.hark.app.Wire;
import dev.hark.app.reload.Outcome;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Certificates of both listeners and of their clients, and how they are renewed, with real handshakes. */
@ResourceLock(SilentLog.LOG)
class TlsReloadIT {
    @TempDir
    static Path folder;

    private static TlsFiles files;

    @BeforeAll
    static void makeFiles() {
        files = new TlsFiles(folder)
                .authority("ca")
                .certificate("ca", "first")
                .certificate("ca", "second")
                .authority("clients")
                .certificate("clients", "backend").keystore("backend")
                .authority("strangers")
                .certificate("strangers", "stranger").keystore("stranger");
    }

    @BeforeEach
    void beginWithTheFirst() {
        files.replace("hub", "first");
    }

    @Test
    void anOpenStreamGoesOnAndNewHandshakesSeeTheNewCertificate() {
        try (RunningHub hub = start("server"); Wire stream = connect(hub).open("/topics/a")) {
            assertThat(stream.certificate()).isEqualTo(files.certificate("first"));
            hub.awaitStreams(1);

            files.replace("hub", "second");
            assertThat(hub.reload()).isEqualTo(new Outcome.Applied(List.of("server.tls"), List.of()));

            try (Wire later = connect(hub)) {
                assertThat(later.certificate()).isEqualTo(files.certificate("second"));
                later.request("POST", "/topics/a", "Content-Length: 2").send("hi");
                assertThat(later.answer().status()).isEqualTo(201);
            }
            assertThat(stream.block().data()).isEqualTo("hi");
            assertThat(hub.reload()).as("nothing has changed since").isEqualTo(new Outcome.Applied(List.of(), List.of()));
        }
    }

    @Test
    void aClientThatWouldResumeItsSessionSeesTheNewCertificateToo() {
        SSLContext client = files.client("ca", null);
        try (RunningHub hub = start("server")) {
            for (int i = 0; i < 3; i++) {
                try (Wire wire = Wire.connect(hub.uri(), client)) {
                    assertThat(wire.request("GET", "/problems/busy").answer().status()).isEqualTo(200);
                    assertThat(wire.certificate()).isEqualTo(files.certificate("first"));
                }
            }
            files.replace("hub", "second");
            hub.reload();
            try (Wire wire = Wire.connect(hub.uri(), client)) {
                assertThat(wire.certificate()).isEqualTo(files.certificate("second"));
            }
        }
    }

    @Test
    void theAdminListenerHasItsOwn() {
        try (RunningHub hub = start("admin")) {
            try (Wire wire = Wire.connect(hub.adminUri(""), files.client("ca", null))) {
                assertThat(hub.adminUri("").getScheme()).isEqualTo("https");
                assertThat(wire.request("GET", "/health/ready").answer().status()).isEqualTo(200);
                files.replace("hub", "second");
                Answer answer = wire.nextHead().request("POST", "/api/reload").answer();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("{\"applied\":[\"admin.tls\"],\"restart\":[]}");
            }
            try (Wire wire = Wire.connect(hub.adminUri(""), files.client("ca", null))) {
                assertThat(wire.certificate()).isEqualTo(files.certificate("second"));
                assertThat(wire.request("GET", "/metrics").answer().body())
                        .contains("hark_config_reloads_total{outcome=\"applied\"} 1.0")
                        .contains("hark_certificate_expiry_timestamp_seconds{listener=\"admin\"}")
                        .doesNotContain("listener=\"data\"");
            }
            assertThat(hub.get("/problems/busy").status()).as("the data listener has none").isEqualTo(200);
        }
    }

    @Test
    void aFileThatCannotBeUsedChangesNothing() throws Exception {
        try (RunningHub hub = start("server"); Wire stream = connect(hub).open("/topics/a")) {
            // The certificate is there, its key not yet: a half of what certbot writes.
            Files.copy(files.path("second.pem"), files.path("hub.pem"), StandardCopyOption.REPLACE_EXISTING);

            Answer answer = hub.postAdmin("/api/reload", "");
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json("type")).isEqualTo("/problems/invalid-configuration");
            assertThat(answer.json("detail")).isEqualTo("server.tls.key is '" + files.path("hub.key")
                    + "': its key does not belong to the first certificate of '" + files.path("hub.pem")
                    + "', which is that of CN=second,O=Shop");
            Files.delete(files.path("hub.key"));
            assertThat(hub.reload()).isEqualTo(new Outcome.Refused(List.of("server.tls.key is '" + files.path("hub.key")
                    + "': there is no such file")));

            try (Wire later = connect(hub)) {
                assertThat(later.certificate()).isEqualTo(files.certificate("first"));
            }
            publish(hub, "still");
            assertThat(stream.block().data()).isEqualTo("still");
        }
    }

    /** With a key of one and a certificate of the other it would fail. */
    @Test
    void everyHandshakeHasOneKeyWithItsCertificate() throws Exception {
        Set<Certificate> seen = ConcurrentHashMap.newKeySet();
        var over = new AtomicBoolean();
        try (RunningHub hub = start("server"); ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> handshakes = IntStream.range(0, 2).mapToObj(client -> clients.submit(() -> {
                int done = 0;
                for (; done == 0 || !over.get(); done++) {
                    try (Wire wire = connect(hub)) {
                        seen.add(wire.certificate());
                    }
                }
                return done;
            })).toList();
            try {
                for (int i = 0; i < 50 || seen.size() < 2; i++) {
                    files.replace("hub", i % 2 == 0 ? "second" : "first");
                    assertThat(hub.reload()).isEqualTo(new Outcome.Applied(List.of("server.tls"), List.of()));
                }
            } finally {
                over.set(true);
            }
            for (Future<Integer> each : handshakes) {
                assertThat(each.get()).isPositive();
            }
            assertThat(seen).containsExactlyInAnyOrder(files.certificate("first"), files.certificate("second"));
        }
    }

    @Test
    void encryptionIsNotSwitchedOnOrOff() throws Exception {
        Path file = Files.writeString(folder.resolve("switched.yaml"), "admin: {tls: {key: KEY, certificates: PEM}}"
                .replace("KEY", files.path("hub.key").toString()).replace("PEM", files.path("hub.pem").toString()));
        try (RunningHub hub = RunningHub.reading(file)) {
            Files.writeString(file, Files.readString(file).replace("admin", "server"));

            assertThat(hub.reload()).isEqualTo(new Outcome.Applied(List.of(), List.of("admin.tls", "server.tls")));
            try (Wire wire = Wire.connect(hub.adminUri(""), files.client("ca", null))) {
                assertThat(wire.request("GET", "/health/ready").answer().status()).isEqualTo(200);
            }
            assertThat(hub.get("/problems/busy").status()).isEqualTo(200);
        }
    }

    @Test
    void nobodyComesInWithoutACertificateThatIsRequired() {
        try (RunningHub hub = start("server", "server.tls.client-certificates=required",
                "server.tls.client-authorities=" + files.path("clients.pem"))) {
            try (Wire wire = Wire.connect(hub.uri(), files.client("ca", "backend"))) {
                wire.request("POST", "/topics/a", "Content-Length: 2").send("hi");
                assertThat(wire.answer().status()).isEqualTo(201);
            }
            assertThatThrownBy(() -> ask(hub, files.client("ca", null))).isInstanceOf(UncheckedIOException.class);
            assertThatThrownBy(() -> ask(hub, files.client("ca", "stranger"))).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void anAuthorityThatIsTakenAwayVouchesForNobodyWhoWouldResumeASession() {
        SSLContext client = files.client("ca", "backend");
        files.replace("trusted", "clients");
        try (RunningHub hub = start("server", "server.tls.client-certificates=required",
                        "server.tls.client-authorities=" + files.path("trusted.pem"));
                Wire stream = Wire.connect(hub.uri(), client).open("/topics/a")) {
            assertThat(ask(hub, client)).isEqualTo(200);
            try (Wire resumed = Wire.connect(hub.uri(), client)) {
                assertThat(resumed.isResumed()).as("or this test tells nothing").isTrue();
                assertThat(resumed.request("GET", "/problems/busy").answer().status()).isEqualTo(200);
            }

            files.replace("trusted", "strangers");
            assertThat(hub.reload()).isEqualTo(new Outcome.Applied(List.of("server.tls"), List.of()));

            assertThatThrownBy(() -> ask(hub, client)).isInstanceOf(UncheckedIOException.class);
            assertThat(ask(hub, files.client("ca", "stranger"))).isEqualTo(200);
            publish(hub, "on");
            assertThat(stream.block().data()).as("what is open goes on").isEqualTo("on");
        }
    }

    private static int ask(RunningHub hub, SSLContext client) {
        try (Wire wire = Wire.connect(hub.uri(), client)) {
            return wire.request("GET", "/problems/busy").answer().status();
        }
    }

    private static RunningHub start(String section, String... settings) {
        return RunningHub.start(Stream.concat(files.settings(section, "hub").stream(), Stream.of(settings)).toArray(String[]::new));
    }

    private static Wire connect(RunningHub hub) {
        return Wire.connect(hub.uri(), files.client("ca", null));
    }

    private static void publish(RunningHub hub, String data) {
        hub.hub().publish(List.of(new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, data.getBytes(StandardCharsets.UTF_8), null)));
    }
}
