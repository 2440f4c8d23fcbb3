package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class ShownTest {
    @Test
    void isWhatWasSentWhereThatIsShort() {
        assertThat(Shown.of("orders/\u00E4 'x'")).isEqualTo("orders/\u00E4 'x'");
        assertThat(Shown.of("x".repeat(80))).isEqualTo("x".repeat(80));
    }

    @Test
    void isNeverLong() {
        assertThat(Shown.of("x".repeat(81))).isEqualTo("x".repeat(79) + '\u2026');
        assertThat(Shown.of("x".repeat(1 << 20))).hasSize(80);
    }

    @Test
    void isOneLineThatSteersNothing() {
        assertThat(Shown.of("a\r\nb\u001B[31m\u0085\u009B\u2028\u2029\0")).isEqualTo("a\uFFFD\uFFFDb\uFFFD[31m" + "\uFFFD".repeat(5));
    }

    @Test
    void isWhatRefusalsOfPathsRepeat() {
        assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> RawPath.decode("x".repeat(10_000) + '%'))
                .satisfies(refusal -> assertThat(refusal.detail()).hasSizeLessThan(200));
    }
}
