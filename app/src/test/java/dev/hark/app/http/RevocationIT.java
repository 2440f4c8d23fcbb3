package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rights that are taken away while they are in use, and what is left of that after a restart. */
@Timeout(60)
class RevocationIT {
    private static final String SECRET = "a secret of more than the 32 bytes that it needs";
    private static final String KEY = ApiKey.create();

    @TempDir
    Path folder;

    private List<String> settings = List.of();

    @BeforeEach
    void makeSettings() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        settings = List.of(
                "auth.issuers.0.name=shop",
                "auth.issuers.0.issuer=https://shop.example.com",
                "auth.issuers.0.algorithms.0=HS256",
                "auth.issuers.0.key-file=" + secret,
                "auth.issuers.0.grants.subscribe.0=users/{sub}/**",
                "auth.keys.0.name=backend",
                "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY),
                "auth.keys.0.publish.0=**",
                "auth.keys.0.subscribe.0=**");
    }

    private RunningHub start(RunningHub.Engine engine, String... more) {
        var all = new ArrayList<>(settings);
        all.addAll(List.of(more));
        return RunningHub.start(engine, all.toArray(String[]::new));
    }

    private static String token(String subject, UnaryOperator<JWTClaimsSet.Builder> more) {
        Instant now = Instant.now();
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer("https://shop.example.com").audience("hark").subject(subject).jwtID("id-" + subject)
                .issueTime(Date.from(now)).expirationTime(Date.from(now.plusSeconds(600)));
        try {
            var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), more.apply(claims).build());
            token.sign(new MACSigner(SECRET));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String bearer(String credential) {
        return "Authorization: Bearer " + credential;
    }

    private static String token(String subject) {
        return token(subject, claims -> claims);
    }

    private static Wire listen(RunningHub hub, String subject) {
        return hub.open("/topics/users/" + subject + "/**", bearer(token(subject)));
    }

    private static void publish(RunningHub hub, String topic) {
        assertThat(hub.post("/topics/" + topic, "x", "Authorization", "Bearer " + KEY).status()).isEqualTo(201);
    }

    private static JsonNode revoke(RunningHub hub, String body) {
        Answer answer = hub.postAdmin("/api/revocations", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json();
    }

    /** Up to {@code hark.close}: the events, and then the reason. */
    private static List<String> toTheEnd(Wire stream) {
        var given = new ArrayList<String>();
        for (SseBlock block = stream.block(); ; block = stream.block()) {
            if (block.is("hark.close")) {
                given.add(block.data());
                return given;
            }
            if (block.isEvent()) {
                given.add(block.data());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubjectsStreamsEndAndNobodyElses(RunningHub.Engine engine) {
        try (RunningHub hub = start(engine); Wire alice = listen(hub, "alice"); Wire bob = listen(hub, "bob")) {
            hub.awaitStreams(2);
            publish(hub, "users/alice/a");
            JsonNode revoked = revoke(hub, "{\"issuer\":\"shop\",\"subject\":\"alice\"}");
            assertThat(revoked.path("ended").asInt()).isEqualTo(1);
            List<String> given = toTheEnd(alice);
            publish(hub, "users/alice/b");
            publish(hub, "users/bob/a");

            assertThat(given.getLast()).contains("revoked");
            assertThat(given.subList(0, given.size() - 1)).isSubsetOf("x");
            assertThat(bob.event().data()).isEqualTo("x");
            assertThat(hub.get("/topics/users/alice/**?since=earliest", "Authorization", "Bearer " + token("alice")).status())
                    .isEqualTo(401);
            assertThat(hub.get("/api/revocations").status()).as("of the data listener").isEqualTo(404);
            assertThat(hub.admin("/api/revocations").json().path("revocations")).hasSize(1);
        }
    }

    /** What the hub notes for itself, nobody has published. */
    @Test
    void itIsCountedAsNoEventOfAnybody() {
        try (RunningHub hub = start(RunningHub.Engine.SQLITE)) {
            JsonNode revoked = revoke(hub, "{\"tokenId\":\"a\",\"expiresAt\":\"2100-01-01T00:00:00Z\"}");
            assertThat(revoked.has("expiresAt")).isTrue();
            revoke(hub, "{\"tokenId\":\"a\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}");
            assertThat(List.of(hub.read(HubMeter.PUBLISHED_EVENTS), hub.read(HubMeter.PUBLISHED_BYTES))).containsOnly(0L);
            publish(hub, "a");
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(1);
        }
    }

    @Test
    void itIsThereAfterARestart() {
        Path log = folder.resolve("hark.db");
        String other = ApiKey.create();
        String[] there = {"log.kind=sqlite", "log.path=" + log,
            "auth.keys.1.name=other", "auth.keys.1.hash=sha256:" + ApiKey.hash(other), "auth.keys.1.publish.0=**"};
        try (RunningHub hub = start(RunningHub.Engine.MEMORY, there)) {
            revoke(hub, "{\"tokenId\":\"id-alice\"}");
            revoke(hub, "{\"key\":\"backend\"}");
        }
        try (RunningHub hub = start(RunningHub.Engine.MEMORY, there); Wire bob = listen(hub, "bob")) {
            assertThat(hub.post("/topics/users/bob/a", "to bob", "Authorization", "Bearer " + other).status()).isEqualTo(201);
            assertThat(bob.event().data()).isEqualTo("to bob");
            assertThat(hub.post("/topics/a", "x", "Authorization", "Bearer " + KEY).status()).isEqualTo(401);
            assertThat(hub.get("/topics/users/alice/a", "Authorization", "Bearer " + token("alice"), "Accept", "application/json").status())
                    .isEqualTo(401);
            assertThat(hub.get("/topics/users/bob/a", "Authorization", "Bearer " + token("bob"), "Accept", "application/json").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatWasIssuedLaterHolds() {
        try (RunningHub hub = start(RunningHub.Engine.MEMORY)) {
            Instant now = Instant.now();
            revoke(hub, "{\"issuer\":\"https://shop.example.com\",\"issuedBefore\":\"" + now.minusSeconds(10) + "\"}");
            for (Map.Entry<Integer, Integer> each : Map.of(20, 401, 0, 200).entrySet()) {
                Date issued = Date.from(now.minusSeconds(each.getKey()));
                assertThat(hub.get("/topics/users/alice/a", "Accept", "application/json", "Authorization",
                        "Bearer " + token("alice", claims -> claims.issueTime(issued))).status()).isEqualTo(each.getValue());
            }
        }
    }

    @Test
    void nobodyIsGivenTheHubsOwnTopics() {
        try (RunningHub hub = start(RunningHub.Engine.SQLITE); Wire all = hub.open("/topics/**", bearer(KEY))) {
            hub.awaitStreams(1);
            revoke(hub, "{\"tokenId\":\"secret\"}");
            publish(hub, "prices/a");
            assertThat(all.event().data()).isEqualTo("x");
            for (String since : List.of("earliest", "current")) {
                Answer page = hub.get("/topics/**?since=" + since, "Accept", "application/json", "Authorization", "Bearer " + KEY);
                assertThat(page.body()).doesNotContain("secret", "$hark").contains("\"x\"");
            }
            assertThat(hub.get("/topics/$hark/revocations", "Authorization", "Bearer " + KEY).status()).isEqualTo(400);
            assertThat(hub.post("/topics/$hark/revocations", "x", "Authorization", "Bearer " + KEY).status()).isEqualTo(400);
        }
    }

    @Test
    void whatSaysNothingIsRefused() {
        try (RunningHub hub = start(RunningHub.Engine.MEMORY)) {
            for (String body : List.of("", "[]", "{}", "{\"subject\":\"alice\"}", "{\"issuer\":\"none\",\"subject\":\"a\"}",
                    "{\"key\":\"none\"}", "{\"key\":\"backend\",\"subject\":\"a\"}", "{\"tokenId\":1}",
                    "{\"issuer\":\"shop\",\"issuedBefore\":\"now\"}", "{\"x\":\"y\"}")) {
                assertThat(hub.postAdmin("/api/revocations", body).status()).as(body).isEqualTo(400);
            }
            assertThat(hub.admin("/api/revocations").json().path("revocations")).isEmpty();
        }
    }
}
