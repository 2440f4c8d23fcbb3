package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who may publish and subscribe, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessIT {
    private static final String KEY = ApiKey.create();
    private static final String OTHER = ApiKey.create();
    private RunningHub hub;

    @BeforeAll
    void start() {
        hub = RunningHub.start(
                "auth.anonymous.subscribe.0=public/**",
                "auth.keys.0.name=shop",
                "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY),
                "auth.keys.0.publish.0=orders/**",
                "auth.keys.0.subscribe.0=orders/*",
                "auth.keys.1.name=other",
                "auth.keys.1.hash=sha256:" + ApiKey.hash(OTHER),
                "auth.keys.1.publish.0=orders/**",
                "auth.keys.1.publish.1=public/**");
    }

    @AfterAll
    void end() {
        hub.close();
    }

    private Answer ask(String method, String target, String body, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        if (!body.isEmpty()) {
            all.add("Content-Length: " + body.length());
        }
        try (Wire wire = Wire.connect(hub.uri())) {
            return wire.request(method, target, all.toArray(String[]::new)).send(body).answer();
        }
    }

    private static String bearer() {
        return "Authorization: Bearer " + KEY;
    }

    @Test
    void aKeyPublishesWhereItMay() {
        assertThat(ask("POST", "/topics/orders/1", "x", bearer()).status()).isEqualTo(201);
        Answer elsewhere = ask("POST", "/topics/news", "x", bearer());
        assertThat(elsewhere.status()).isEqualTo(403);
        assertThat(elsewhere.json("detail")).contains("publish to 'news'");
        assertThat(elsewhere.header("WWW-Authenticate")).contains("Bearer error=\"insufficient_scope\"");
    }

    @Test
    void aBatchIsRefusedAsAWhole() {
        String batch = "[{\"topic\":\"orders/1\",\"data\":\"x\"},{\"topic\":\"news\",\"data\":\"x\"}]";
        String before = newest();
        assertThat(ask("POST", "/events", batch, bearer(), "Content-Type: application/json").status()).isEqualTo(403);
        assertThat(newest()).isEqualTo(before);
        assertThat(ask("POST", "/events", "[{\"topic\":\"orders/1\",\"data\":\"x\"}]", bearer(), "Content-Type: application/json").status())
                .isEqualTo(201);
    }

    private String newest() {
        return ask("GET", "/topics/orders/*?since=latest", "", "Accept: application/json", bearer()).json("next");
    }

    @Test
    void anIdempotencyKeyBelongsToItsPublisher() {
        String other = "Authorization: Bearer " + OTHER;
        Answer first = ask("POST", "/topics/orders/1", "mine", bearer(), "Idempotency-Key: 1");
        Answer second = ask("POST", "/topics/orders/1", "theirs", other, "Idempotency-Key: 1");
        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).as("no 422 that tells of the other's").isEqualTo(201);
        for (String credential : List.of(bearer(), other)) {
            Answer again = ask("POST", "/topics/orders/1", credential.equals(other) ? "theirs" : "mine", credential, "Idempotency-Key: 1");
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.json("id")).isEqualTo((credential.equals(other) ? second : first).json("id"));
        }
        assertThat(ask("POST", "/topics/orders/1", "other", bearer(), "Idempotency-Key: 1").status()).isEqualTo(422);
    }

    @Test
    void nobodyPublishesWithoutACredential() {
        Answer answer = ask("POST", "/topics/orders/1", "x");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).contains("Bearer");
        assertThat(ask("POST", "/topics/orders/1", "x", "Authorization: Bearer " + KEY + "x").header("WWW-Authenticate"))
                .contains("Bearer error=\"invalid_token\"");
        assertThat(ask("DELETE", "/topics/prices/a", "").status()).isEqualTo(401);
    }

    @Test
    void streamsAndPagesAreForThoseWhoMay() {
        try (Wire anonymous = Wire.open(hub.uri(), "/topics/public/news");
                Wire service = Wire.open(hub.uri(), "/topics/orders/*", bearer())) {
            assertThat(ask("POST", "/topics/public/news", "to all", "Authorization: Bearer " + OTHER).status()).isEqualTo(201);
            assertThat(anonymous.event().data()).isEqualTo("to all");
            assertThat(ask("POST", "/topics/orders/1", "to who may", bearer()).status()).isEqualTo(201);
            assertThat(service.event().data()).isEqualTo("to who may");
        }
        assertThat(ask("GET", "/topics/orders/1", "").status()).isEqualTo(401);
        assertThat(ask("GET", "/topics/orders/**", "", bearer()).status()).as("wider than what is granted").isEqualTo(403);
        assertThat(ask("GET", "/events?topic=public/a&topic=orders/1", "").status()).as("one of two").isEqualTo(401);
        assertThat(ask("GET", "/topics/orders/1", "", "Accept: application/json").status()).isEqualTo(401);
        assertThat(ask("GET", "/topics/orders/1", "", "Accept: application/json", bearer()).status()).isEqualTo(200);
    }
}
