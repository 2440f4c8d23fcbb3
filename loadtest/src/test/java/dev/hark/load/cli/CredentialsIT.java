package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.report.ExitCode;
import dev.hark.load.report.RunReport;
import dev.hark.load.scenario.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Small loads on a hub that lets nobody do anything without a token. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CredentialsIT {
    private static final String SECRET = "a secret of more than 32 characters, for tests";
    private static final String KEY = "hark_0123456789012345678901234567890123456789abc";

    /** Of the key. */
    private static final String HASH = "d69aa9cf14991b522ae92842ba699e57278b24613c70d6152f241bf4c1dd773b";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private Program hub;
    private Path secret;

    @BeforeAll
    void start() throws IOException {
        secret = Files.writeString(shared.resolve("dev.secret"), SECRET + "\n");
        hub = RealHub.start(shared, "log.kind=memory", "delivery.retry=PT0.2S", "auth.issuers.0.name=dev",
                "auth.issuers.0.issuer=https://dev.example",
                "auth.issuers.0.algorithms.0=HS256", "auth.issuers.0.key-file=" + secret,
                "auth.keys.0.name=publisher", "auth.keys.0.hash=sha256:" + HASH, "auth.keys.0.publish.0=hark-load/*");
    }

    @AfterAll
    void end() {
        if (hub != null) {
            hub.close();
        }
    }

    private CommandLineRun fanout(String... more) {
        var arguments = new ArrayList<>(List.of(
                "fanout", "--url", hub.address(), "-n", "50", "--topics", "5", "--rate", "50/s", "--settle", "50ms", "--warmup", "200ms",
                "--measure", "1s", "--drain", "5s", "--correctness-only", "--out", folder.toString()));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    }

    private void assertThatNoSecretIsIn(CommandLineRun run) throws IOException {
        assertThat(run.printed()).doesNotContain(SECRET, KEY);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).as(file.toString())
                        .doesNotContain(SECRET, KEY, "eyJ");
            }
        }
    }

    @Test
    void givesEachStreamATokenOfItsOwn() throws IOException {
        CommandLineRun run = fanout("--token-secret", secret.toString(), "--token-issuer", "https://dev.example");

        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.HOLDS);
        assertThat(run.printed()).contains("; streams with a token for each (HS256 tokens of https://dev.example)");
        assertThat(report().at("/metrics/owed").asLong()).isPositive().isEqualTo(report().at("/metrics/delivered").asLong());
        assertThat(report().at("/plan/credentials").asText()).startsWith("streams with a token for each");
        assertThatNoSecretIsIn(run);
    }

    @Test
    void comesBackWithANewTicketAndPublishesWithAKey() throws IOException {
        CommandLineRun run = fanout("--token-secret", secret.toString(), "--token-issuer", "https://dev.example", "--tickets",
                "--publish-token", KEY, "--drop-all");

        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.HOLDS);
        assertThat(run.printed()).contains("by tickets, publishing with a token for all");
        assertThat(report().at("/metrics/streams.confirmed").asLong()).isEqualTo(50);
        assertThat(report().at("/metrics/streams.away").asLong()).isZero();
        assertThat(report().at("/metrics/owed").asLong()).isPositive().isEqualTo(report().at("/metrics/delivered").asLong());
        assertThatNoSecretIsIn(run);
    }

    @Test
    void comesBackWhenATokenIsOver() throws IOException {
        CommandLineRun run = fanout("--token-secret", secret.toString(), "--token-issuer", "https://dev.example", "--token-age", "3s",
                "--measure", "4s", "-n", "5");

        assertThat(report().at("/metrics/streams.ended").asLong()).as("ended with their tokens: " + run.printed())
                .isGreaterThanOrEqualTo(5);
        assertThat(report().at("/metrics/silentLoss").asLong()).isZero();
        assertThat(report().at("/metrics/owed").asLong()).isPositive().isEqualTo(report().at("/metrics/delivered").asLong());
    }

    @Test
    void saysInASentenceThatTheHubRefuses() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), SECRET + "!");
        for (String[] wrong : new String[][] {
            {}, {"--token", "nonsense"}, {"--token-secret", other.toString(), "--token-issuer", "https://dev.example"},
            {"--token-secret", other.toString(), "--token-issuer", "https://dev.example", "--tickets"}}) {
            CommandLineRun run = fanout(wrong);
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(run.printed()).contains("status 401", "the server wants credentials", "--token-secret")
                    .doesNotContain("nonsense", "\tat ");
        }
        CommandLineRun forbidden = fanout("--token-secret", secret.toString(), "--token-issuer", "https://dev.example",
                "--publish-token", KEY, "--topic", "elsewhere");
        assertThat(forbidden.code()).as(forbidden.printed()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(forbidden.printed()).contains("publish: status 403", "the server wants credentials").doesNotContain("\tat ", KEY);
    }

    @Test
    void saysTheSameInJava() throws IOException {
        RunReport run = Scenario.named("with tickets").url(hub.address())
                .tokensOf("https://dev.example", secret).tickets().publishToken(KEY)
                .streams(20).topics(2).rate("20/s").warmup("100ms").measure("500ms").run();

        assertThat(run.verdict().incorrect()).isEmpty();
        assertThat(run.toString()).contains("none lost silently", "by tickets").doesNotContain(KEY, SECRET);
    }

    @Test
    void churnsWithTokensToo() {
        CommandLineRun run = CommandLineRun.of("churn", "--url", hub.address(), "--cycles", "20", "--topic", "hark-load",
                "--token-secret", secret.toString(), "--token-issuer", "https://dev.example");
        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.HOLDS);
        CommandLineRun catchUp = CommandLineRun.of("catch-up", "--url", hub.address(), "-n", "5", "--behind", "3",
                "--token-secret", secret.toString(), "--token-issuer", "https://dev.example");
        assertThat(catchUp.code()).as(catchUp.printed()).isEqualTo(ExitCode.HOLDS);
    }
}
