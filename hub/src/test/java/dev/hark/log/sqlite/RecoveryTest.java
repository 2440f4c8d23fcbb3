package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.log.sqlite.HighWaterMark.Mark;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private static final String EPOCH = "7k3q9x2m";

    @Test
    void goesOnWhereACleanLogEnded() {
        assertThat(recover(10, new Mark(EPOCH, 10, 5_000, true))).isEqualTo(new Recovery(10, false, null, 0, null));
    }

    @Test
    void goesOnAboveTheCeilingOfALogThatWasNotClosed() {
        Recovery recovery = recover(10, new Mark(EPOCH, 10, 5_000, false));
        assertThat(recovery.last()).isEqualTo(5_000);
        assertThat(recovery.newEpoch()).isFalse();
        assertThat(recovery.lost()).isNull();
        assertThat(recover(10, new Mark(EPOCH, 7, 5_000, false)).newEpoch()).as("events after the last flush of the mark").isFalse();
    }

    @Test
    void beginsANewEpochWhereAcknowledgedEventsAreGone() {
        for (boolean clean : new boolean[] {true, false}) {
            Recovery recovery = recover(10, new Mark(EPOCH, 11, 5_000, clean));
            assertThat(recovery.newEpoch()).isTrue();
            assertThat(recovery.last()).isEqualTo(5_000);
            assertThat(recovery.lost()).contains("ends at event 10").contains("up to 11");
        }
    }

    @Test
    void goesOnAboveBothWhereTheMarkIsOlder() {
        assertThat(recover(10, new Mark(EPOCH, 5, 8, true)).last()).isEqualTo(10);
        assertThat(recover(10, new Mark(EPOCH, 5, 20, true)).last()).isEqualTo(20);
    }

    @Test
    void beginsANewEpochFarAboveWhereNothingSaysHowFarItHadCome() {
        Recovery missing = Recovery.of(state(10), Optional.empty(), false, false, true);
        assertThat(missing.last()).isEqualTo(10 + Recovery.BLIND_JUMP);
        assertThat(missing.newEpoch()).isTrue();
        assertThat(missing.note()).contains("missing", "new epoch");
        assertThat(Recovery.of(state(10), Optional.empty(), false, true, true).note()).contains("damaged");
        Recovery foreign = recover(10, new Mark("aaaaaaaa", 30, 40, true));
        assertThat(foreign.last()).isEqualTo(40 + Recovery.BLIND_JUMP);
        assertThat(foreign.newEpoch()).isTrue();
        assertThat(foreign.note()).contains("aaaaaaaa");
    }

    @Test
    void beginsAtTheBeginningWhereThereIsNothing() {
        assertThat(Recovery.of(state(0), Optional.empty(), true, false, true)).isEqualTo(new Recovery(0, false, null, 0, null));
    }

    @Test
    void saysThatADatabaseIsGone() {
        Recovery recovery = Recovery.of(state(0), Optional.of(new Mark("aaaaaaaa", 30, 40, true)), true, true, true);
        assertThat(recovery.lost()).contains("aaaaaaaa").contains("30");
        assertThat(recovery.last()).isZero();
    }

    private static Recovery recover(long newest, Mark mark) {
        return Recovery.of(state(newest), Optional.of(mark), false, true, false);
    }

    private static LogState state(long newest) {
        return new LogState(EPOCH, 0, Long.MIN_VALUE, newest, 1, newest, newest * 10, 0);
    }
}
