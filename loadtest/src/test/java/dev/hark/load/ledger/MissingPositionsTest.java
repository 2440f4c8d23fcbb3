package dev.hark.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.load.ledger.MissingPositions.Gaps;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MissingPositionsTest {
    private static final Gaps ONE = new Gaps(2, 2);

    @Test
    void splitsARangeWhenAPositionArrives() {
        var missing = new MissingPositions();
        missing.add(3, 8, Gaps.NONE);
        assertThat(missing.remove(5)).isEqualTo(MissingPositions.Kind.UNDECLARED);
        assertThat(missing.remove(5)).isEqualTo(MissingPositions.Kind.ABSENT);
        assertThat(positions(missing)).containsOnlyKeys(3, 4, 6, 7);
    }

    @Test
    void remembersWhatWasDeclared() {
        var missing = new MissingPositions();
        missing.add(0, 2, Gaps.NONE);
        missing.add(2, 4, ONE);
        assertThat(missing.remove(3)).isEqualTo(MissingPositions.Kind.DECLARED);
        assertThat(positions(missing)).containsExactlyInAnyOrderEntriesOf(Map.of(0, false, 1, false, 2, true));
    }

    @Test
    void refusesRangesThatAreEmptyOrNotAboveTheLast() {
        var missing = new MissingPositions();
        missing.add(5, 6, Gaps.NONE);
        assertThatThrownBy(() -> missing.add(5, 7, Gaps.NONE)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("5 to 7");
        assertThatThrownBy(() -> missing.add(7, 7, Gaps.NONE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void equalsASet(@ForAll @Size(max = 20) List<@IntRange(min = 1, max = 9) Integer> steps,
            @ForAll List<@IntRange(min = 0, max = 200) Integer> arrivals) {
        var missing = new MissingPositions();
        var model = new TreeMap<Integer, Boolean>();
        int at = 0;
        for (int i = 0; i + 1 < steps.size(); i += 2) {
            int from = at + steps.get(i) - 1;
            at = from + steps.get(i + 1);
            missing.add(from, at, i % 4 == 0 ? ONE : Gaps.NONE);
            for (int p = from; p < at; p++) {
                model.put(p, i % 4 == 0);
            }
        }
        for (int arrival : arrivals) {
            Boolean declared = model.remove(arrival);
            MissingPositions.Kind expected = declared == null
                    ? MissingPositions.Kind.ABSENT
                    : declared ? MissingPositions.Kind.DECLARED : MissingPositions.Kind.UNDECLARED;
            assertThat(missing.remove(arrival)).isEqualTo(expected);
        }
        assertThat(positions(missing)).isEqualTo(model);
    }

    private static Map<Integer, Boolean> positions(MissingPositions missing) {
        var positions = new TreeMap<Integer, Boolean>();
        for (int range = 0; range < missing.ranges(); range++) {
            for (int p = missing.from(range); p < missing.to(range); p++) {
                positions.put(p, !missing.gaps(range).isNone());
            }
        }
        return positions;
    }
}
