package dev.hark.app.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.source.Item;
import org.junit.jupiter.api.Test;

class OneLineTest {
    @Test
    void hasNothingThatEndsALine() {
        assertThat(OneLine.of("m-1\nWARNING\r\u0085\u2028\u2029\u001b[31m\0 forged", 100))
                .isEqualTo("m-1\uFFFDWARNING\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD[31m\uFFFD forged");
        assertThat(OneLine.of("Grüße 😀 – 'a//b'", 100)).isEqualTo("Grüße 😀 – 'a//b'");
        assertThat(OneLine.of("a\ud83d", 100)).as("half of a character").isEqualTo("a\uFFFD");
    }

    @Test
    void isCutBetweenCharacters() {
        assertThat(OneLine.of("😀😀😀", 2)).isEqualTo("😀😀…");
        assertThat(OneLine.of("😀😀", 2)).isEqualTo("😀😀");
        assertThat(new Item.Refused("17", "a\nb" + "x".repeat(70_000)).reason()).startsWith("a\uFFFDbx").hasSize(OneLine.SHORT + 1);
    }
}
