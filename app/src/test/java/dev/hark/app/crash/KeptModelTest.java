package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeptModelTest {
    private final KeptModel model = new KeptModel();

    @Test
    void acceptsWhatMayBe() {
        model.acknowledged("a", Optional.of("1"));
        model.unknown("a", Optional.of("2"));
        model.acknowledged("b", Optional.empty());
        model.unknown("c", Optional.of("3"));

        assertThat(model.observe(Map.of("a", "2"))).isEmpty();
    }

    @Test
    void findsWhatCannotBe() {
        model.acknowledged("a", Optional.of("1"));
        model.acknowledged("a", Optional.of("2"));
        model.acknowledged("deleted", Optional.empty());

        assertThat(model.observe(Map.of())).as("lost").containsExactly("a is nothing, and should be one of [Optional[2]]");
        model.acknowledged("a", Optional.of("3"));
        assertThat(model.observe(Map.of("a", "2"))).as("stale").hasSize(1);
        assertThat(model.observe(Map.of("a", "2", "deleted", "1"))).as("back from the dead").hasSize(1);
        assertThat(model.observe(Map.of("a", "2", "deleted", "1", "never", "1"))).hasSize(1).first().asString().contains("never");
    }

    @Test
    void whatWasSeenIsKnown() {
        model.acknowledged("a", Optional.of("1"));
        model.unknown("a", Optional.of("2"));

        assertThat(model.observe(Map.of("a", "1"))).isEmpty();
        assertThat(model.observe(Map.of("a", "2"))).as("it was not stored then").hasSize(1);
    }

    @Test
    void comparesWhatWasPutTogether() {
        assertThat(KeptModel.differences(Map.of("a", "1"), Map.of("a", "1"))).isEmpty();
        assertThat(KeptModel.differences(Map.of("a", "1", "b", "2"), Map.of("a", "2", "c", "3"))).hasSize(3);
    }
}
