package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShownArgumentsTest {
    @Test
    void keepsTheValuesOfHeadersOut() {
        assertThat(ShownArguments.withoutSecrets(List.of(
                        "fanout", "--publish-header", "X-Key: s3cret", "--subscribe-header=X-Key: s3cret", "--set", "target.publish-headers=X-Key: s3cret",
                        "--set=target.subscribe-headers=X-Key: s3cret", "--publish-body", "{data}")))
                .containsExactly(
                        "fanout", "--publish-header", "...", "--subscribe-header=...", "--set", "target.publish-headers=...",
                        "--set=target.subscribe-headers=...", "--publish-body", "{data}");
    }

    @Test
    void isNotFooledByAValueThatLooksLikeAnOption() {
        assertThat(ShownArguments.withoutSecrets(List.of("--publish-header", "--publish-header", "-n", "5"))).containsExactly("--publish-header", "...", "-n", "5");
    }
}
