package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.EventId;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final EventId LONGEST = new EventId(EPOCH, Long.MAX_VALUE, Long.MAX_VALUE - 1);

    @Test
    void keepsAnIdAsItWasGiven() {
        for (EventId id : List.of(new EventId(EPOCH, 0), new EventId(EPOCH, 7, 3), LONGEST)) {
            assertThat(new Start.After(id.toString()).id()).isEqualTo(id.toString());
        }
        assertThat(new Start.After(LONGEST.toString(), true).current()).isTrue();
    }

    /** A stream has its start for as long as it lives. */
    @Test
    void keepsNothingOfWhatIsNoId() {
        for (String none : List.of("", "nonsense", "A".repeat(200_000), LONGEST + "0", EPOCH + "-" + "1".repeat(200_000))) {
            assertThat(new Start.After(none).id()).isEmpty();
            assertThat(new Start.After(none, true)).isEqualTo(new Start.After("", true));
        }
    }
}
