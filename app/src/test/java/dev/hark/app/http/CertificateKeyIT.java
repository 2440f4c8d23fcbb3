package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.RunningHub;
import dev.hark.app.TlsFiles;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client certificate that stands for a key. */
@Timeout(60)
class CertificateKeyIT {
    private static final String KEY = ApiKey.create();

    @TempDir
    Path folder;

    private static int publish(RunningHub hub, SSLContext client, String topic, @Nullable String authorization) {
        try (Wire wire = Wire.connect(hub.uri(), client)) {
            var headers = new ArrayList<>(List.of("Content-Length: 1"));
            if (authorization != null) {
                headers.add("Authorization: " + authorization);
            }
            return wire.request("POST", "/topics/" + topic, headers.toArray(String[]::new)).send("x").answer().status();
        }
    }

    @Test
    void isTheCredentialWhereNoOtherIsGiven() throws Exception {
        var files = new TlsFiles(folder)
                .authority("ca").certificate("ca", "hub")
                .authority("clients").certificate("clients", "backend").keystore("backend")
                .certificate("clients", "other").keystore("other");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(files.certificate("backend").getEncoded());
        List<String> settings = new ArrayList<>(files.settings("server", "hub"));
        settings.addAll(List.of(
                "server.tls.client-certificates=optional", "server.tls.client-authorities=" + files.path("clients.pem"),
                // As openssl prints it.
                "auth.keys.0.name=backend",
                "auth.keys.0.certificate=sha256:" + HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest),
                "auth.keys.0.publish.0=orders/**",
                "auth.keys.1.name=news", "auth.keys.1.hash=sha256:" + ApiKey.hash(KEY), "auth.keys.1.publish.0=news/**"));
        try (RunningHub hub = RunningHub.start(settings.toArray(String[]::new))) {
            SSLContext backend = files.client("ca", "backend");
            assertThat(publish(hub, backend, "orders/1", null)).isEqualTo(201);
            assertThat(publish(hub, backend, "news/1", null)).isEqualTo(403);
            assertThat(publish(hub, backend, "news/1", "Bearer " + KEY)).as("a key that is sent counts").isEqualTo(201);
            assertThat(publish(hub, backend, "orders/1", "Bearer " + KEY)).isEqualTo(403);
            assertThat(publish(hub, backend, "orders/1", "Bearer " + KEY + "x")).as("a wrong one too").isEqualTo(401);
            assertThat(publish(hub, files.client("ca", "other"), "orders/1", null)).as("stands for nobody").isEqualTo(401);
            assertThat(publish(hub, files.client("ca", null), "orders/1", null)).isEqualTo(401);
            assertThat(hub.postAdmin("/api/revocations", "{\"key\":\"backend\"}").status()).isEqualTo(201);
            assertThat(publish(hub, backend, "orders/1", null)).isEqualTo(401);
        }
    }
}
