package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.hook.Note.Gone;
import dev.hark.app.hook.Note.Here;
import dev.hark.app.hook.Presence.Change;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private final Presence presence = new Presence();

    @Test
    void isToldOfTheFirstOfAllNodesAndOfTheLast() {
        assertThat(presence.take(new Here("a", "t"))).isEqualTo(Change.LISTENED);
        assertThat(presence.take(new Here("b", "t"))).isNull();
        assertThat(presence.take(new Here("b", "t"))).as("said again").isNull();
        assertThat(presence.take(new Gone("a", "t"))).isNull();
        assertThat(presence.take(new Gone("a", "t"))).as("said again").isNull();
        assertThat(presence.listened()).containsExactly("t");
        assertThat(presence.take(new Gone("b", "t"))).isEqualTo(Change.LEFT);
        assertThat(presence.listened()).isEmpty();
    }

    /** Retention may have removed what said that it came, because the next note took it back. */
    @Test
    void tellsThatNobodyIsThereThoughItNeverHeardThatSomebodyWas() {
        assertThat(presence.take(new Gone("a", "t"))).isEqualTo(Change.LEFT);
    }

    @Test
    void makesNothingOfWhatIsNotAboutATopic() {
        assertThat(presence.take(new Note.Alive("a"))).isNull();
        assertThat(presence.take(new Note.Over("a"))).isNull();
        assertThat(presence.take(new Note.Happened(Note.What.GAP, "t", "reset", 0, 1))).isNull();
        assertThat(presence.listened()).isEmpty();
    }

    /** Whatever nodes say in whatever order, what was told last of a topic is what holds. */
    @RepeatedTest(5)
    void agreesWithAModel() {
        long seed = Long.getLong("hark.seed", System.nanoTime());
        var random = new Random(seed);
        Map<String, Set<String>> model = new HashMap<>();
        Set<String> told = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            String run = "run" + random.nextInt(3);
            String topic = "t" + random.nextInt(4);
            boolean comes = random.nextBoolean();
            Change change = presence.take(comes ? new Here(run, topic) : new Gone(run, topic));
            Set<String> runs = model.computeIfAbsent(topic, each -> new HashSet<>());
            if (comes) {
                runs.add(run);
            } else {
                runs.remove(run);
            }
            if (change == Change.LISTENED) {
                assertThat(told.add(topic)).as("seed %d: told once", seed).isTrue();
            } else if (change == Change.LEFT) {
                told.remove(topic);
            }
            assertThat(told.contains(topic)).as("seed %d, step %d", seed, i).isEqualTo(!runs.isEmpty());
        }
        assertThat(Set.copyOf(presence.listened())).isEqualTo(told);
    }
}
