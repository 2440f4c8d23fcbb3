package dev.hark.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {
    @Property
    void isReadAsItIsPrinted(@ForAll("epochs") String epoch, @ForAll @LongRange(min = 0) long sequence) {
        var id = new EventId(epoch, sequence);
        assertThat(id).hasToString(epoch + "-" + sequence);
        assertThat(EventId.parse(id.toString())).contains(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7k3q9x2m-0", "7k3q9x2m-1", "7k3q9x2m-10", "00000000-0", "7k3q9x2m-9223372036854775807"})
    void reads(String text) {
        assertThat(EventId.parse(text)).hasValueSatisfying(id -> assertThat(id).hasToString(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "7k3q9x2m",
                "7k3q9x2m-",
                "7k3q9x2m-00",
                "7k3q9x2m-01",
                "7k3q9x2m--1",
                "7k3q9x2m-+1",
                "7k3q9x2m-1 ",
                " 7k3q9x2m-1",
                "7k3q9x2m-1\0",
                "7k3q9x2m-1\n",
                "7k3q9x2m-1a",
                "7k3q9x2m-9223372036854775808",
                "7k3q9x2m-9999999999999999999",
                "7k3q9x2m-18446744073709551617",
                "7k3q9x2m-10000000000000000000000",
                "7K3q9x2m-1",
                "7k3q9x2-1",
                "7k3q9x2mm-1",
                "7k3q9x2m_1",
                "7k3q9x2\u00E4-1",
                "7k3q9x2m-\u0661",
                "1042"
            })
    void readsNothingElse(String text) {
        assertThat(EventId.parse(text)).isEmpty();
    }

    @Property
    void survivesAnyText(@ForAll String text) {
        EventId.parse(text).ifPresent(id -> assertThat(id).hasToString(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7k3q9x2", "7k3q9x2mm", "7k3q9x2M", "7k3q9x2-", "7k3q9x2\n"})
    void refusesWhatIsNoEpoch(String epoch) {
        assertThatIllegalArgumentException().isThrownBy(() -> new EventId(epoch, 1)).withMessageContaining("epoch '" + epoch + "'");
    }

    @Property
    void refusesNegativeSequences(@ForAll @LongRange(min = Long.MIN_VALUE, max = -1) long sequence) {
        assertThatIllegalArgumentException().isThrownBy(() -> new EventId("7k3q9x2m", sequence)).withMessageContaining("negative");
    }

    @Provide
    Arbitrary<String> epochs() {
        return Arbitraries.strings().withCharRange('a', 'z').withCharRange('0', '9').ofLength(8);
    }
}
