package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.hark.app.access.AccessException.Kind;
import java.security.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys from an address that rotates them, lies, hangs, and is away. */
class FetchedKeysTest {
    private static final ECKey FIRST = JwksServer.key("first");
    private static final ECKey SECOND = JwksServer.key("second");

    /** Of a fetch where the server never answers. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int AT_ONCE = 200;

    private final AtomicLong nanos = new AtomicLong();
    private final List<FetchedKeys> opened = new ArrayList<>();
    private JwksServer server;

    @BeforeEach
    void start() {
        server = JwksServer.start(JwksServer.keys(FIRST));
    }

    @AfterEach
    void end() {
        opened.forEach(FetchedKeys::close);
        server.close();
    }

    private FetchedKeys open(Duration timeLimit) {
        var keys = new FetchedKeys("shop", server.uri(), nanos::get, timeLimit);
        opened.add(keys);
        return keys;
    }

    /** With a limit that a machine which stops for some seconds does not meet. */
    private FetchedKeys open() {
        return open(PATIENCE);
    }

    private static JWSHeader header(String kid) {
        return new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(kid).build();
    }

    private static List<Key> find(FetchedKeys keys, String kid) {
        return keys.keys(header(kid));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static void assertUnavailable(FetchedKeys keys) {
        assertThat(catchThrowable(() -> find(keys, "first")))
                .isInstanceOfSatisfying(AccessException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    }

    @Test
    void aNewKeyIsThereAfterOneFetch() throws Exception {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).containsExactly(FIRST.toECPublicKey());
        server.does(JwksServer.keys(FIRST, SECOND));
        pass(Duration.ofSeconds(31));
        assertThat(find(keys, "second")).containsExactly(SECOND.toECPublicKey());
        assertThat(find(keys, "first")).containsExactly(FIRST.toECPublicKey());
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void unknownKeysHaveItAskedOnceIn30Seconds() {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).hasSize(1);
        for (int round = 1; round <= 3; round++) {
            for (int i = 0; i < 50; i++) {
                assertThat(find(keys, "unknown" + i)).isEmpty();
            }
            assertThat(server.requests()).isEqualTo(round);
            pass(Duration.ofSeconds(30).minusNanos(1));
            assertThat(find(keys, "unknown")).isEmpty();
            assertThat(server.requests()).as("a moment before").isEqualTo(round);
            pass(Duration.ofNanos(1));
        }
    }

    @Test
    void unknownKeysOfManyAtOnceHaveItAskedOnce() throws Exception {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).hasSize(1);
        pass(Duration.ofMinutes(1));
        assertThat(atOnce(() -> find(keys, "unknown").size())).containsOnly(0);
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void oldKeysAreFetchedAnewAndNobodyWaits() {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).hasSize(1);
        var changes = new AtomicInteger();
        keys.onChange(changes::incrementAndGet);
        pass(Duration.ofMinutes(10));
        assertThat(find(keys, "first")).hasSize(1);
        assertThat(server.requests()).as("at ten minutes").isEqualTo(1);

        server.does(JwksServer.keys(SECOND));
        pass(Duration.ofSeconds(1));
        assertThat(find(keys, "first")).hasSize(1);
        await().atMost(PATIENCE).until(() -> find(keys, "first").isEmpty());
        assertThat(server.requests()).isEqualTo(2);
        assertThat(changes).hasValue(1);
    }

    @Test
    void whoHoldsWhatWasFoundHearsOnlyOfChanges() {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).hasSize(1);
        var changes = new AtomicInteger();
        keys.onChange(changes::incrementAndGet);
        pass(Duration.ofMinutes(11));
        keys.keepFresh();
        await().atMost(PATIENCE).until(() -> server.requests() == 2);
        pass(Duration.ofMinutes(1));
        // Once what was asked for is taken in, and not before, it is asked again.
        await().atMost(PATIENCE).until(() -> find(keys, "unknown").isEmpty() && server.requests() == 3);
        assertThat(changes).as("the same keys").hasValue(0);
    }

    static List<String> lies() {
        return List.of("", "null", "[]", "{}", "\"keys\"", "{\"keys\":null}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[1,null,[]]}",
                "{\"keys\":[{}]}", "{\"keys\":[{\"kty\":\"EC\"}]}", "{\"keys\":\"" + FIRST.toPublicJWK() + "\"}",
                FIRST.toPublicJWK().toString(),
                "<!doctype html><title>Sign in</title>", "{\"keys\":[" + FIRST.toPublicJWK(), "[".repeat(100_000),
                "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"first\",\"k\":\"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA\"}]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"first\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"first\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}");
    }

    @ParameterizedTest
    @MethodSource("lies")
    void aLieIsNoSet(String lie) {
        server.does(JwksServer.text(200, "application/json", lie));
        FetchedKeys keys = open();
        assertUnavailable(keys);

        server.does(JwksServer.keys(FIRST));
        pass(Duration.ofSeconds(5));
        assertThat(find(keys, "first")).hasSize(1);
        server.does(JwksServer.text(200, "application/json", lie));
        pass(Duration.ofMinutes(1));
        assertThat(find(keys, "unknown")).isEmpty();
        assertThat(server.requests()).isEqualTo(3);
        assertThat(find(keys, "first")).as("the last good set serves").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 206, 301, 302, 303, 307, 308, 400, 401, 404, 429, 500, 503})
    void nothingButAnAnswer200IsASet(int status) {
        try (JwksServer elsewhere = JwksServer.start(JwksServer.keys(FIRST))) {
            server.does(exchange -> {
                exchange.getResponseHeaders().add("Location", elsewhere.uri().toString());
                JwksServer.text(status, "application/json", status == 204 ? "" : new JWKSet(FIRST).toString()).answer(exchange);
            });
            assertUnavailable(open());
            assertThat(elsewhere.requests()).as("is not followed").isZero();
        }
    }

    @Test
    void whatItIsSaidToBeDoesNotMatter() {
        for (String type : List.of("text/html", "text/plain;charset=utf-16", "x")) {
            server.does(JwksServer.text(200, type, new JWKSet(FIRST).toString()));
            assertThat(find(open(), "first")).hasSize(1);
        }
    }

    @Test
    void whatCannotBeUsedIsLeftOut() throws Exception {
        server.does(JwksServer.text(200, "application/json", "{\"keys\":[{},1,{\"kty\":\"EC\"},{\"kty\":\"new\",\"kid\":\"n\"},"
                + "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"broken\",\"x\":\"AQAB\",\"y\":\"AQAB\"},"
                + "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"short\",\"x\":\"AQAB\"},"
                + new OctetSequenceKey.Builder(new byte[64]).keyID("secret").build() + "," + SECOND.toPublicJWK() + ","
                + FIRST.toPublicJWK() + "]}"));
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).containsExactly(FIRST.toECPublicKey());
        assertThat(find(keys, "second")).hasSize(1);
        for (String kid : List.of("n", "broken", "short", "secret")) {
            assertThat(find(keys, kid)).as(kid).isEmpty();
        }
        assertThat(keys.keys(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("secret").build())).isEmpty();
        assertThat(keys.keys(new JWSHeader.Builder(JWSAlgorithm.EdDSA).build())).isEmpty();
    }

    /** Whoever can read the address can sign. */
    @Test
    void aPrivateKeyThatIsPublishedIsNotUsed() {
        server.does(JwksServer.text(200, "application/json", "{\"keys\":[" + FIRST + "," + SECOND.toPublicJWK() + "]}"));
        FetchedKeys keys = open();
        assertThat(find(keys, "second")).hasSize(1);
        assertThat(find(keys, "first")).isEmpty();
        assertThat(keys.keys(new JWSHeader(JWSAlgorithm.ES256))).hasSize(1);
    }

    @Test
    void twoKeysWithOneIdAreBothTried() throws Exception {
        ECKey twin = JwksServer.key("first");
        server.does(JwksServer.keys(FIRST, twin));
        assertThat(find(open(), "first")).containsExactlyInAnyOrder(FIRST.toECPublicKey(), twin.toECPublicKey());
    }

    @Test
    void ofVeryManyKeysFewAreTried() {
        ECKey[] many = new ECKey[40];
        for (int i = 0; i < many.length; i++) {
            many[i] = JwksServer.key("first");
        }
        server.does(JwksServer.keys(many));
        assertThat(find(open(), "first")).hasSize(16);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSetOfTenMegabytesIsNone(boolean announced) {
        server.does(exchange -> {
            int pieces = 160;
            var piece = new byte[64 << 10];
            exchange.sendResponseHeaders(200, announced ? (long) pieces * piece.length : 0);
            for (int i = 0; i < pieces; i++) {
                exchange.getResponseBody().write(piece);
            }
        });
        assertUnavailable(open());
    }

    @Test
    void whoHangsHoldsNobodyLongerThanTheLimit() throws Exception {
        String set = new JWKSet(FIRST).toString();
        for (JwksServer.Behaviour hanging : List.of(server.silence(), server.half(set), server.trickle())) {
            server.does(hanging);
            int before = server.requests();
            FetchedKeys keys = open(SHORT);
            long began = System.nanoTime();
            assertThat(atOnce(() -> catchThrowable(() -> find(keys, "first")) instanceof AccessException e ? e.kind() : null))
                    .containsOnly(Kind.UNAVAILABLE);
            assertThat(System.nanoTime() - began).as("together, not one after the other").isLessThan(PATIENCE.toNanos());
            await().atMost(PATIENCE).until(() -> server.requests() > before);
            assertThat(server.requests() - before).as("of so many at once").isEqualTo(1);

            server.does(JwksServer.keys(FIRST));
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                // On a slow machine a fetch may take longer than this limit, and then it needs another one.
                pass(Duration.ofSeconds(5));
                return find(keys, "first").size() == 1;
            });
        }
        await("the one that came a byte at a time").atMost(PATIENCE).until(() -> server.abandoned() > 0);
    }

    @Test
    void whoHangsLaterKeepsNobodyWaitingWhoseKeyIsKnown() {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).hasSize(1);
        server.does(server.silence());
        pass(Duration.ofHours(1));
        for (int i = 0; i < 1_000; i++) {
            assertThat(find(keys, "first")).hasSize(1);
        }
        await().atMost(PATIENCE).until(() -> server.requests() == 2);
    }

    @Test
    void whoIsAwayAtFirstIsAskedAgain() {
        int port = server.port();
        server.close();
        FetchedKeys keys = open();
        assertUnavailable(keys);
        server = JwksServer.start(port, JwksServer.keys(FIRST));
        assertUnavailable(keys);
        assertThat(server.requests()).as("not at once").isZero();
        pass(Duration.ofSeconds(5));
        assertThat(find(keys, "first")).hasSize(1);
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void whoIsAwayLaterIsNotMissed() {
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).hasSize(1);
        int port = server.port();
        server.close();
        for (int i = 0; i < 50; i++) {
            pass(Duration.ofHours(1));
            assertThat(find(keys, "first")).hasSize(1);
            assertThat(find(keys, "unknown")).isEmpty();
        }
        server = JwksServer.start(port, JwksServer.keys(SECOND));
        pass(Duration.ofSeconds(30));
        assertThat(find(keys, "second")).hasSize(1);
    }

    @Test
    void anotherCurveIsAnotherAlgorithm() throws Exception {
        server.does(JwksServer.keys(new ECKeyGenerator(Curve.P_384).keyID("first").generate(), FIRST));
        FetchedKeys keys = open();
        assertThat(find(keys, "first")).containsExactly(FIRST.toECPublicKey());
        assertThat(keys.keys(new JWSHeader.Builder(JWSAlgorithm.ES512).keyID("first").build())).isEmpty();
    }

    private static <T> List<T> atOnce(Callable<T> question) throws Exception {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> answers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                answers.add(threads.submit(() -> {
                    start.await();
                    return question.call();
                }));
            }
            start.countDown();
            List<T> all = new ArrayList<>();
            for (Future<T> answer : answers) {
                all.add(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
            return all;
        }
    }
}
