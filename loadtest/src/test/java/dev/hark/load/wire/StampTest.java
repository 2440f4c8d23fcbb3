package dev.hark.load.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StampTest {
    @Property
    void readsWhatItWrote(
            @ForAll int run, @ForAll int flow, @ForAll int position, @ForAll long due,
            @ForAll @IntRange(min = Stamp.MIN_BYTES, max = 500) int length) {
        byte[] bytes = new byte[length + 2];
        Stamp.write(bytes, 1, length + 1, run, flow, position, due);
        var stamp = new Stamp();
        assertThat(stamp.read(bytes, 1, length + 1)).isTrue();
        assertThat(stamp.run()).isEqualTo(run);
        assertThat(stamp.flow()).isEqualTo(flow);
        assertThat(stamp.position()).isEqualTo(position);
        assertThat(stamp.dueNanos()).isEqualTo(due);
        for (int i = 1; i <= length; i++) {
            assertThat((int) bytes[i]).as("printable, no line end").isBetween(0x20, 0x7E);
        }
    }

    @Test
    void noticesAnyChangedBitAndAnyCut() {
        byte[] bytes = new byte[100];
        Stamp.write(bytes, 0, 100, 1, 2, 3, 4);
        var stamp = new Stamp();
        for (int i = 0; i < 800; i++) {
            bytes[i / 8] ^= (byte) (1 << i % 8);
            assertThat(stamp.read(bytes, 0, 100)).as("bit %d", i).isFalse();
            bytes[i / 8] ^= (byte) (1 << i % 8);
        }
        for (int length = 0; length < 100; length++) {
            assertThat(stamp.read(bytes, 0, length)).as("cut at %d", length).isFalse();
        }
        assertThat(stamp.read(bytes, 0, 100)).isTrue();
    }

    @Test
    void refusesAPayloadThatIsTooSmall() {
        assertThatThrownBy(() -> Stamp.write(new byte[63], 0, 63, 1, 2, 3, 4))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("63");
    }
}
