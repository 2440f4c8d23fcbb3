package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.access.TokenCases.TokenCase;
import dev.hark.app.client.Clients;
import dev.hark.log.SteadyClock;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The tokens of {@link ForgedTokensIT} at a hub: what it answers, and what its log says meanwhile. */
@ResourceLock(SilentLog.LOG)
class TokensOverHttpIT {
    /** How many lines the audit log has room for at once, whatever happens. */
    private static final int LINES = 20;

    private static final Pattern UNSAFE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private final List<String> log = new CopyOnWriteArrayList<>();

    @Test
    void publishesAndSubscribesWhereATokenLetsAndNowhereElse(@TempDir Path folder) {
        Clients.require("node");
        Logger audit = Logger.getLogger("dev.hark.audit");
        Handler handler = listener();
        audit.addHandler(handler);
        try (TokenCases cases = TokenCases.make(folder);
                RunningHub hub = RunningHub.start(new SteadyClock(() -> TokenCases.NOW, () -> 0), cases.settings())) {
            // First, while all of the room in the log is theirs: what one of the others may not do has a line too.
            List<TokenCase> refused = cases.all().stream().filter(each -> !each.holds()).toList();
            var explained = new ArrayList<String>();
            refused.forEach(each -> assertRefused(hub, each, explained));
            assertThat(refused).hasSizeGreaterThan(200);
            assertThat(explained).hasSizeGreaterThanOrEqualTo(LINES);
            List<TokenCase> holding = cases.all().stream().filter(TokenCase::holds).toList();
            holding.forEach(each -> assertLets(hub, each));
            assertThat(holding).hasSizeGreaterThan(40);
            assertThat(cases.strayRequests()).isEmpty();
        } finally {
            audit.removeHandler(handler);
        }
    }

    private Handler listener() {
        return new Handler() {
            @Override
            public void publish(LogRecord logged) {
                log.add(logged.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    private static Answer ask(RunningHub hub, String method, String target, String token, String body) {
        try (Wire wire = Wire.connect(hub.uri())) {
            return wire.request(method, target, "Authorization: Bearer " + token, "Accept: application/json",
                    "Content-Length: " + body.length()).send(body).answer();
        }
    }

    private static Answer read(RunningHub hub, String token, String filter) {
        return ask(hub, "GET", "/events?topic=" + encoded(filter), token, "");
    }

    private static Answer publish(RunningHub hub, String token, String filter) {
        return ask(hub, "POST", "/topics/" + filter.replace("**", "x/y").replace("*", "x"), token, "x");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static void assertLets(RunningHub hub, TokenCase each) {
        for (String filter : each.subscribe()) {
            assertThat(read(hub, each.token(), filter).status()).as("%s: read %s", each, filter).isEqualTo(200);
        }
        if (!each.subscribe().contains("**")) {
            Answer elsewhere = read(hub, each.token(), "**");
            assertThat(elsewhere.status()).as("%s: read everything", each).isEqualTo(403);
            assertThat(elsewhere.header("WWW-Authenticate")).contains("Bearer error=\"insufficient_scope\"");
        }
        for (String filter : each.publish()) {
            assertThat(publish(hub, each.token(), filter).status()).as("%s: publish to %s", each, filter).isEqualTo(201);
        }
        if (!each.publish().contains("**")) {
            assertThat(publish(hub, each.token(), "elsewhere").status()).as("%s: publish elsewhere", each).isEqualTo(403);
        }
    }

    private void assertRefused(RunningHub hub, TokenCase each, List<String> explained) {
        for (Answer answer : List.of(read(hub, each.token(), "users/ann/x"), publish(hub, each.token(), "users/ann/x"))) {
            assertThat(answer.status()).as("%s: %s", each, answer).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
            assertThat(answer.json("detail")).as(each.name()).isEqualTo(Tokens.INVALID);
            String instance = answer.json("instance");
            assertThat(instance).as("%s", answer).isNotEmpty();
            String id = instance.substring(instance.lastIndexOf(':') + 1);
            log.stream().filter(line -> line.contains(id)).forEach(line -> {
                assertThat(line).as(each.name()).contains(String.valueOf(each.why()).strip()).doesNotContain(each.token());
                assertThat(UNSAFE.matcher(line).find()).as(line).isFalse();
                explained.add(line);
            });
        }
    }
}
