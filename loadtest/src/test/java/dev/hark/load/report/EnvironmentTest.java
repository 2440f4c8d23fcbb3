package dev.hark.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.measure.ServerWatch;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
    @Test
    void keepsSecretsOutOfTheCommand() {
        List<String> arguments = List.of(
                "fanout", "--token", "s3cret", "--header=X-Key: s3cret", "--header", "X-Key: s3cret", "--agents-token", "s3cret", "-n", "5",
                "--publish-header", "X-Key: s3cret", "--subscribe-header=X-Key: s3cret", "--set", "target.headers=X-Key: s3cret",
                "--set=target.publish-headers=X-Key: s3cret", "--publish-body", "{data}", "--publish-token=s3cret",
                "--set", "auth.token=s3cret", "--set=auth.publish-token=s3cret", "--token-secret", "dev.secret",
                "--set", "auth.token-issuer=i");
        assertThat(Environment.here(arguments, ServerWatch.NONE).command())
                .doesNotContain("s3cret")
                .isEqualTo("hark-load fanout --token ... --header=... --header ... --agents-token ... -n 5"
                        + " --publish-header ... --subscribe-header=..."
                        + " --set target.headers=... --set=target.publish-headers=... --publish-body '{data}'"
                        + " --publish-token=... --set auth.token=... --set=auth.publish-token=... --token-secret dev.secret"
                        + " --set auth.token-issuer=i");
    }
}
