package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.access.IssuedTokens;
import dev.hark.app.access.JwksServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A hub that cannot have the keys of an issuer: nobody is told that his token is bad, and nobody waits long. */
@ResourceLock(SilentLog.LOG)
class JwksAwayIT {
    private static final int AT_ONCE = 200;

    private IssuedTokens tokens;
    private JWK key;
    private String token;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        tokens = new IssuedTokens(folder);
        key = JWK.parse(Files.readString(folder.resolve("shop.json")));
        token = tokens.sign("ann", Duration.ofHours(1));
    }

    private RunningHub hub(JwksServer server) {
        return RunningHub.start(tokens.clock(), "auth.issuers.0.name=shop", "auth.issuers.0.issuer=" + IssuedTokens.ISSUER,
                "auth.issuers.0.jwks=" + server.uri(), "auth.issuers.0.algorithms.0=ES256",
                "auth.issuers.0.grants.subscribe.0=users/{sub}/**",
                "auth.issuers.0.grants.publish.0=users/{sub}/**", "auth.anonymous.subscribe.0=public/**");
    }

    private Wire ask(RunningHub hub, String method, String target) {
        return Wire.connect(hub.uri())
                .request(method, target, "Authorization: Bearer " + token, "Accept: application/json", "Content-Type: application/json",
                        "Content-Length: 0");
    }

    private Answer answer(RunningHub hub, String method, String target) {
        try (Wire wire = ask(hub, method, target)) {
            return wire.answer();
        }
    }

    private static void assertUndecided(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).contains("2");
        assertThat(answer.header("WWW-Authenticate")).isEmpty();
        assertThat(answer.json("type")).isEqualTo("/problems/access-undecided");
        assertThat(answer.body()).doesNotContain("127.0.0.1").doesNotContain("shop");
    }

    @Test
    void whoseIssuerIsAwayIsAskedToComeBack() {
        long begun = System.nanoTime();
        try (JwksServer server = JwksServer.start(exchange -> exchange.sendResponseHeaders(500, -1));
                RunningHub hub = hub(server)) {
            assertUndecided(answer(hub, "GET", "/topics/users/ann/a"));
            assertUndecided(answer(hub, "POST", "/topics/users/ann/a"));
            assertUndecided(answer(hub, "POST", "/events"));
            assertUndecided(answer(hub, "POST", "/tickets"));
            try (Wire stream = Wire.subscribe(hub.uri(), "/topics/users/ann/a", "Authorization: Bearer " + token)) {
                assertUndecided(stream.answer());
            }
            assertThat(server.requests()).as("for all of these").isBetween(1, mostRequests(begun));
            assertThat(hub.get("/topics/public/a", "Accept", "application/json").status()).as("without a token").isEqualTo(200);
            assertThat(hub.get("/topics/public/a", "Accept", "application/json", "Authorization", "Bearer x.y.z").status()).isEqualTo(401);

            server.does(JwksServer.keys(key));
            await().atMost(Wire.PATIENCE).until(() -> answer(hub, "GET", "/topics/users/ann/a").status() == 200);
            int requests = server.requests();
            assertThat(requests).isBetween(2, mostRequests(begun));
            assertThat(answer(hub, "GET", "/topics/users/ann/a").status()).isEqualTo(200);
            assertThat(server.requests()).as("known now").isEqualTo(requests);
        }
    }

    /** At the start, and then once in five seconds at most. */
    private static int mostRequests(long begunNanos) {
        return 1 + (int) (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNanos) / 5);
    }

    @Test
    void whoseIssuerHangsWaitsNoLongerThanOthers() {
        try (JwksServer server = JwksServer.start(exchange -> exchange.sendResponseHeaders(500, -1))) {
            server.does(server.silence());
            try (RunningHub hub = hub(server)) {
                List<Wire> waiting = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    waiting.add(ask(hub, "GET", "/topics/users/ann/a"));
                }
                assertThat(hub.get("/topics/public/a", "Accept", "application/json").status()).as("nobody else waits").isEqualTo(200);
                for (Wire each : waiting) {
                    // One after the other they would wait for longer than a read may.
                    assertUndecided(each.answer());
                    each.close();
                }
                assertThat(server.requests()).as("of so many").isLessThanOrEqualTo(2);
            }
        }
    }
}
