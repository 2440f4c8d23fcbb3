package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import dev.hark.app.access.IssuedTokens;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which a request may bring a credential: header, ticket, cookie, address. */
class CredentialsIT {
    private static final String KEY = ApiKey.create();
    private static final String MINE = "/topics/users/ann/a";
    private static final String PAGE = "Accept: application/json";

    private IssuedTokens tokens;
    private RunningHub hub;
    private String token;

    @BeforeEach
    void start(@TempDir Path folder) {
        tokens = new IssuedTokens(folder);
        token = tokens.sign("ann", Duration.ofMinutes(10));
        hub = start();
    }

    private RunningHub start(String... more) {
        var settings = new ArrayList<>(List.of(more));
        settings.addAll(List.of("auth.keys.0.name=backend", "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY), "auth.keys.0.publish.0=users/**",
                "auth.keys.0.subscribe.0=users/*/*", "auth.anonymous.subscribe.0=public/**"));
        return RunningHub.start(tokens.clock(), tokens.settings(settings.toArray(String[]::new)));
    }

    @AfterEach
    void end() {
        hub.close();
    }

    private static String bearer(String text) {
        return "Authorization: Bearer " + text;
    }

    private static Answer ask(RunningHub hub, String method, String target, String body, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.add("Content-Length: " + body.length());
        try (Wire wire = Wire.connect(hub.uri())) {
            return wire.request(method, target, all.toArray(String[]::new)).send(body).answer();
        }
    }

    private int page(String target, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.add(PAGE);
        return ask(hub, "GET", target, "", all.toArray(String[]::new)).status();
    }

    private String ticket(String body, String... headers) {
        Answer answer = ask(hub, "POST", "/tickets", body, headers);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        assertThat(answer.header("Cache-Control")).contains("no-store");
        return answer.json("ticket");
    }

    // ---- tickets

    @Test
    void aTicketOpensOneStream() {
        String target = MINE + "?ticket=" + ticket("", bearer(token));
        try (Wire stream = hub.open(target)) {
            hub.post(MINE, "x", "Authorization", "Bearer " + KEY);
            assertThat(stream.block().data()).isEqualTo("x");
            Answer second = ask(hub, "GET", target, "");
            assertThat(second.status()).isEqualTo(401);
            assertThat(second.header("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
            assertThat(second.body()).contains("the ticket is not valid, or not any more").doesNotContain("hash").doesNotContain("used");
        }
        assertThat(page(MINE + "?ticket=" + ticket("", bearer(token)))).as("or one page").isEqualTo(200);
        assertThat(page(MINE + "?ticket=" + ticket("", bearer(KEY)))).as("one of a key").isEqualTo(200);
        assertThat(page(MINE + "?ticket=x")).isEqualTo(401);
        assertThat(page(MINE + "?ticket=")).isEqualTo(401);
        assertThat(page("/topics/public/a?ticket=x")).as("also where none is needed").isEqualTo(401);
    }

    @Test
    void aTicketIsNotUsedUpByWhatItDoesNotLet() {
        String ticket = ticket("", bearer(token));
        assertThat(page("/topics/users/bob/a?ticket=" + ticket)).isEqualTo(403);
        // Nothing keeps the newest of each of these.
        assertThat(page(MINE + "?since=current&ticket=" + ticket)).isEqualTo(400);
        assertThat(ask(hub, "GET", MINE + "?since=current&ticket=" + ticket, "").status()).as("nor as a stream").isEqualTo(400);
        assertThat(page(MINE + "?ticket=" + ticket)).isEqualTo(200);
        assertThat(page(MINE + "?ticket=" + ticket)).isEqualTo(401);
    }

    @Test
    void aTicketNobodyUsesExpires() {
        Answer answer = ask(hub, "POST", "/tickets", "", bearer(token));
        assertThat(Instant.parse(answer.json("expiresAt"))).isEqualTo(tokens.now().plusSeconds(60));
        String late = ticket("", bearer(token));
        tokens.pass(Duration.ofSeconds(59));
        assertThat(page(MINE + "?ticket=" + answer.json("ticket"))).isEqualTo(200);
        tokens.pass(Duration.ofSeconds(1));
        assertThat(page(MINE + "?ticket=" + late)).isEqualTo(401);
    }

    @Test
    void aTicketEndsWithItsToken() {
        String brief = tokens.sign("ann", Duration.ofSeconds(5));
        Answer answer = ask(hub, "POST", "/tickets", "", bearer(brief));
        assertThat(Instant.parse(answer.json("expiresAt"))).isEqualTo(tokens.now().plusSeconds(5));
        String late = ticket("", bearer(brief));
        try (Wire stream = hub.open(MINE + "?ticket=" + answer.json("ticket"))) {
            tokens.pass(Duration.ofSeconds(5));
            Optional<SseBlock> last = stream.blockOrEnd();
            assertThat(last.map(SseBlock::event)).contains("hark.close");
            assertThat(last.map(SseBlock::data).orElse("")).contains("token-expired");
            assertThat(page(MINE + "?ticket=" + late)).isEqualTo(401);
        }
    }

    @Test
    void aTicketCanBeForLess() {
        String narrow = "{\"subscribe\":[\"users/ann/a\"]}";
        assertThat(page(MINE + "?ticket=" + ticket(narrow, bearer(token)))).isEqualTo(200);
        assertThat(page("/topics/users/ann/b?ticket=" + ticket(narrow, bearer(token)))).isEqualTo(403);
        assertThat(page("/topics/users/ann/**?ticket=" + ticket(narrow, bearer(token)))).isEqualTo(403);
        assertThat(ask(hub, "POST", "/tickets", "{\"subscribe\":[\"users/ann/a\",\"users/bob/a\"]}", bearer(token)).status())
                .as("and not for more").isEqualTo(403);
        assertThat(ask(hub, "POST", "/tickets", "{\"subscribe\":[\"**\"]}", bearer(token)).status()).isEqualTo(403);
        for (String body : List.of("x", "[]", "{\"subscribe\":\"a\"}", "{\"publish\":[\"a\"]}", "{\"subscribe\":[]}",
                "{\"subscribe\":[\"\"]}", "{\"subscribe\":[1]}", "null")) {
            assertThat(ask(hub, "POST", "/tickets", body, bearer(token)).status()).as(body).isEqualTo(400);
        }
    }

    /** Otherwise it would live for ever, and grow. */
    @Test
    void aTicketIsForSubscribingAlone() {
        String ticket = ticket("", bearer(KEY));
        assertThat(ask(hub, "POST", MINE + "?ticket=" + ticket, "x").status()).isEqualTo(400);
        assertThat(ask(hub, "DELETE", MINE + "?ticket=" + ticket, "").status()).isEqualTo(400);
        assertThat(ask(hub, "POST", "/events?ticket=" + ticket, "[]", "Content-Type: application/json").status()).isEqualTo(400);
        assertThat(ask(hub, "POST", "/tickets?ticket=" + ticket, "").status()).isEqualTo(400);
        assertThat(ask(hub, "POST", MINE, "x", bearer(ticket)).status()).isEqualTo(401);
        assertThat(ask(hub, "POST", "/tickets", "", bearer(ticket)).status()).isEqualTo(401);
        assertThat(page(MINE, bearer(ticket))).as("nor is it a token").isEqualTo(401);
        assertThat(page(MINE + "?ticket=" + ticket)).as("and all that has not used it").isEqualTo(200);
        assertThat(page(MINE + "?ticket=" + token)).as("nor is a token a ticket").isEqualTo(401);
        assertThat(page(MINE + "?ticket=" + KEY)).isEqualTo(401);
        assertThat(ask(hub, "POST", "/tickets", "").status()).as("without a credential").isEqualTo(401);
    }

    @Test
    void whoHasNoCredentialNeedNotSendABody() {
        try (Wire wire = Wire.connect(hub.uri()).request("POST", "/tickets", "Content-Length: 30").send("{\"subscribe\":")) {
            Answer answer = wire.answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(401);
            assertThat(answer.body()).contains("a token or a key is needed for a ticket");
        }
    }

    // ---- cookies

    private RunningHub withCookie() {
        hub.close();
        hub = start("auth.cookie=session");
        return hub;
    }

    @Test
    void aCookieIsForSubscribingAlone() {
        withCookie();
        String cookie = "Cookie: other=1; session=" + token + "; more=2";
        assertThat(page(MINE, cookie)).isEqualTo(200);
        assertThat(page("/topics/users/bob/a", cookie)).isEqualTo(403);
        assertThat(page(MINE, "Cookie: session=x")).isEqualTo(401);
        assertThat(page(MINE, "Cookie: Session=" + token)).as("another cookie").isEqualTo(401);
        assertThat(page("/topics/public/a", "Cookie: session=x")).as("a wrong one, also where none is needed").isEqualTo(401);
        assertThat(page("/topics/public/a", "Cookie: other=x")).isEqualTo(200);
        assertThat(ask(hub, "POST", MINE, "x", cookie).status()).isEqualTo(401);
        assertThat(ask(hub, "DELETE", MINE, "", cookie).status()).isEqualTo(401);
        String batch = "[{\"topic\":\"users/ann/a\",\"data\":\"x\"}]";
        assertThat(ask(hub, "POST", "/events", batch, cookie, "Content-Type: application/json").status()).isEqualTo(401);
        assertThat(ask(hub, "POST", "/tickets", "", cookie).status()).isEqualTo(401);
    }

    @Test
    void aCookieGivesWayToWhatThePageChose() {
        withCookie();
        String bob = "Cookie: session=" + tokens.sign("bob", Duration.ofMinutes(1));
        assertThat(page(MINE, bob)).isEqualTo(403);
        assertThat(page(MINE, bob, bearer(token))).isEqualTo(200);
        assertThat(page(MINE, "Cookie: session=x", bearer(token))).isEqualTo(200);
        assertThat(page(MINE + "?ticket=" + ticket("", bearer(token)), bob)).isEqualTo(200);
        assertThat(page(MINE + "?ticket=x", "Cookie: session=" + token)).as("what is wrong is not made good by it").isEqualTo(401);
        assertThat(page(MINE, "Cookie: session=" + token, bearer("x"))).isEqualTo(401);
        assertThat(page(MINE, "Cookie: session=" + token + "; session=" + token)).as("twice the same").isEqualTo(200);
        assertThat(page(MINE, "Cookie: session=" + token, bob)).as("two different ones").isEqualTo(400);
    }

    @Test
    void noCookieIsReadUnlessOneIsConfigured() {
        assertThat(page(MINE, "Cookie: session=" + token)).isEqualTo(401);
        assertThat(page("/topics/public/a", "Cookie: session=x")).isEqualTo(200);
    }

    // ---- addresses

    @Test
    void noTokenIsReadFromAnAddressUnlessThatIsConfigured() {
        Answer refused = ask(hub, "GET", MINE + "?access_token=" + token, "", PAGE);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("access_token").doesNotContain(token);
        assertThat(page(MINE + "?access_token=" + token, bearer(token))).as("not beside another one either").isEqualTo(400);
        assertThat(ask(hub, "POST", MINE + "?access_token=" + token, "x").status()).isEqualTo(400);

        hub.close();
        hub = start("auth.query-token=true");
        assertThat(page(MINE + "?access_token=" + token)).isEqualTo(200);
        assertThat(page(MINE + "?access_token=x")).isEqualTo(401);
        assertThat(page(MINE + "?access_token=")).isEqualTo(401);
        assertThat(page("/topics/public/a?access_token=x")).isEqualTo(401);
        assertThat(ask(hub, "POST", MINE + "?access_token=" + token, "x").status()).as("for subscribing alone").isEqualTo(400);
    }

    @Test
    void twoDifferentCredentialsAreRefused() {
        hub.close();
        hub = start("auth.query-token=true");
        String ticket = ticket("", bearer(token));
        assertThat(page(MINE, bearer(token), bearer(KEY))).isEqualTo(400);
        assertThat(page(MINE + "?ticket=" + ticket, bearer(token))).isEqualTo(400);
        assertThat(page(MINE + "?ticket=" + ticket + "&access_token=" + token)).isEqualTo(400);
        assertThat(page(MINE + "?access_token=" + token, bearer(KEY))).isEqualTo(400);
        assertThat(page(MINE + "?ticket=" + ticket + "&ticket=x")).isEqualTo(400);
        assertThat(ask(hub, "POST", MINE, "x", bearer(token), bearer(KEY)).status()).isEqualTo(400);
        assertThat(page(MINE + "?access_token=" + token, bearer(token))).as("the same one, twice").isEqualTo(200);
        assertThat(page(MINE, bearer(token), bearer(token))).isEqualTo(200);
        assertThat(page(MINE + "?ticket=" + ticket)).as("none of these has used it").isEqualTo(200);
    }
}
