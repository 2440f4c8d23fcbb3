package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.RunningHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code hark token} beside a hub with the same configuration. */
class TokenCommandIT {
    @TempDir
    Path folder;

    private TestShell hark(Map<String, String> environment, String... args) {
        TestShell hark = new TestShell("", false, folder, environment);
        hark.run(args);
        return hark;
    }

    @Test
    @Timeout(20)
    void whatItMakesTheHubTakesAndWhatItSaysTheHubDoes() throws IOException {
        Path secret = folder.resolve("dev.secret");
        String[] settings = {
            "auth.issuers.0.name=dev", "auth.issuers.0.issuer=https://dev.example", "auth.issuers.0.algorithms.0=HS512",
            "auth.issuers.0.key-file=" + secret, "auth.issuers.0.grants.subscribe.0=users/{sub}/**",
        };
        Files.writeString(secret, "a secret of more than 64 characters, which is what HS512 asks for, for tests");
        String[] set = Stream.of(settings).map(each -> "--set=" + each).toArray(String[]::new);
        try (RunningHub hub = RunningHub.start(settings)) {
            String token = hark(Map.of(), with(set, "token", "new", "--subject", "alice", "--publish", "users/*/inbox")).out().strip();
            Map<String, String> alice = Map.of("HARK_URL", hub.uri().toString(), "HARK_TOKEN", token);

            assertThat(new TestShell("", false, folder, alice).run("publish", "users/alice/inbox", "hi")).isZero();
            assertThat(hark(alice, "subscribe", "users/alice/**", "--since", "earliest", "--no-follow").out().lines())
                    .containsExactly("hi");
            for (String filter : new String[] {"users/alice/**", "users/*/inbox", "other"}) {
                int said = new TestShell("", false, folder, alice).run(with(set, "token", "explain", "--subscribe", filter));
                int status = hub.get("/topics/" + filter, "Accept", "application/json", "Authorization", "Bearer " + token).status();
                assertThat(said).as(filter).isEqualTo(status == 200 ? 0 : 2);
            }
            String truncated = token.substring(0, token.length() - 2);
            assertThat(new TestShell("", false, folder, Map.of()).run(with(set, "token", "explain", truncated))).isEqualTo(2);
            assertThat(hub.get("/topics/users/alice/a", "Accept", "application/json", "Authorization", "Bearer " + truncated).status())
                    .isEqualTo(401);
        }
    }

    private static String[] with(String[] set, String... args) {
        return Stream.concat(Stream.of(args), Stream.of(set)).toArray(String[]::new);
    }
}
