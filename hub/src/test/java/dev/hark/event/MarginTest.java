package dev.hark.event;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarginTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 15, 16, 17, 255, 256, 4_095, 4_096, 16_384, 65_535, 65_536, 1 << 20, (1 << 24) - 1, 1 << 24})
    void holdsTheCountAndAnEnd(int length) {
        byte[] bytes = Margin.around(length);
        String count = Integer.toHexString(length) + "\r\n";
        assertThat(Margin.before(length)).isEqualTo(count.length());
        assertThat(new String(bytes, 0, count.length(), US_ASCII)).isEqualTo(count);
        assertThat(bytes).hasSize(count.length() + length + Margin.AFTER).endsWith('\r', '\n');
    }

    @Test
    void copiesAPartIntoMarginsOfItsOwn() {
        assertThat(new String(Margin.around("0123456789abcdefghijklmnop".getBytes(US_ASCII), 3, 18), US_ASCII))
                .isEqualTo("12\r\n3456789abcdefghijk\r\n");
    }

    @Test
    void marksWhatIsSmallerThanItsRoom() {
        byte[] room = "................".getBytes(US_ASCII);
        Margin.mark(room, 4);
        assertThat(new String(room, US_ASCII)).isEqualTo("4\r\n....\r\n.......");
    }

    @Test
    void isNotOfNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> Margin.mark(new byte[10], 0)).withMessageContaining("0 bytes");
    }
}
