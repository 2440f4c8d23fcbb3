package dev.hark.app.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.Configuration;
import dev.hark.app.config.HarkConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReloadTest {
    private final List<String> done = new ArrayList<>();
    private final Part cors = new Part("cors");
    private final Part rate = new Part("limits.publish-rate");
    private Configuration next = read();
    private final Reload reload = new Reload(read(), List.of(cors, rate), () -> next);

    /** Notes what is done with it. */
    private final class Part implements ReloadPart {
        private final String key;
        private @Nullable RuntimeException refusal;
        private Set<String> renewed = Set.of();
        private Set<String> kept = Set.of();

        Part(String key) {
            this.key = key;
        }

        @Override
        public Set<String> keys() {
            return Set.of(key);
        }

        @Override
        public Prepared prepare(HarkConfig config) {
            done.add("prepared " + key);
            if (refusal != null) {
                throw refusal;
            }
            return new Prepared(() -> done.add("committed " + key), renewed, kept);
        }
    }

    private static Configuration read(String... set) {
        return new ConfigSource(null, List.of(set), Map.of()).read();
    }

    @Test
    void preparesAllBeforeItCommitsAny() {
        assertThat(reload.run("a test")).isEqualTo(new Outcome.Applied(List.of(), List.of()));
        assertThat(done).containsExactly(
                "prepared cors", "prepared limits.publish-rate", "committed cors", "committed limits.publish-rate");
        assertThat(reload.count(Outcome.Kind.APPLIED)).isEqualTo(1);
    }

    @Test
    void commitsNoneWhereOneRefuses() {
        cors.refusal = new ConfigException("cors is wrong");
        rate.refusal = new ConfigException("so is the rate");

        assertThat(reload.run("a test")).isEqualTo(new Outcome.Refused(List.of("cors is wrong", "so is the rate")));
        assertThat(done).containsExactly("prepared cors", "prepared limits.publish-rate");
        assertThat(reload.count(Outcome.Kind.REFUSED)).isEqualTo(1);
        assertThat(reload.count(Outcome.Kind.APPLIED)).isZero();
    }

    @Test
    void preparesNothingOfAConfigurationThatIsInvalid() {
        Reload invalid = new Reload(read(), List.of(cors), () -> read("server.port=x", "demo.enabled=y"));

        assertThat(invalid.run("a test")).isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.mistakes())
                .hasSize(2).first().asString().startsWith("server.port is 'x' (--set)"));
        assertThat(done).isEmpty();
    }

    /** A hub that everybody reaches must not be opened because the file says that nobody does. */
    @Test
    void doesNotOpenAnAddressThatIsOnlyClosedByARestart() {
        Reload open = new Reload(read("server.host=0.0.0.0", "auth.open=true"), List.of(cors), () -> read("server.host=127.0.0.1"));

        assertThat(open.run("a test")).isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.mistakes())
                .singleElement().asString()
                .startsWith("this needs a restart: until then server.host is '0.0.0.0', which others can reach"));
        assertThat(done).isEmpty();
    }

    @Test
    void givesPartsWhatWillHold() {
        List<HarkConfig> given = new ArrayList<>();
        ReloadPart part = ReloadPart.of(Set.of("limits"), config -> {
            given.add(config);
            return () -> done.add("committed");
        });
        Reload reload = new Reload(read("limits.publish-rate=5"), List.of(part),
                () -> read("limits.publish-rate=6", "limits.batch-events=7", "cors.origins=https://a.example"));

        assertThat(reload.run("a test").kind()).isEqualTo(Outcome.Kind.APPLIED);
        assertThat(done).containsExactly("committed");
        assertThat(given).singleElement().satisfies(config -> {
            assertThat(config.limits().publishRate()).isEqualTo(6);
            assertThat(config.limits().batchEvents()).as("as at the start").isEqualTo(1000);
            assertThat(config.cors().origins()).containsExactly("https://a.example");
        });
    }

    @Test
    void saysThatItHasADefect() {
        rate.refusal = new IllegalStateException("a defect, as this test wants it");

        assertThat(reload.run("a test")).isEqualTo(new Outcome.Failed());
        assertThat(done).doesNotContain("committed cors");
        assertThat(reload.count(Outcome.Kind.FAILED)).isEqualTo(1);
    }

    @Test
    void namesWhatHasChangedOnceAndWhatNeedsARestartUntilThen() {
        next = read("cors.origins=https://a.example", "limits.publish-rate=5", "delivery.lanes=3", "server.port=1", "drain.window=5000ms");
        assertThat(reload.run("a test")).isEqualTo(new Outcome.Applied(
                List.of("cors.origins", "limits.publish-rate"), List.of("delivery.lanes", "server.port")));

        assertThat(reload.run("a test")).isEqualTo(new Outcome.Applied(List.of(), List.of("delivery.lanes", "server.port")));

        next = read("server.port=1");
        assertThat(reload.run("a test")).isEqualTo(new Outcome.Applied(
                List.of("cors.origins", "limits.publish-rate"), List.of("server.port")));
    }

    @Test
    void namesWhatAPartSaysOfItself() {
        cors.renewed = Set.of("cors");
        rate.kept = Set.of("limits.publish-rate");
        next = read("limits.publish-rate=5");

        assertThat(reload.run("a test")).isEqualTo(new Outcome.Applied(List.of("cors"), List.of("limits.publish-rate")));
    }

    @Test
    void keepsWhatHeldWhereOneWasRefused() {
        next = read("limits.publish-rate=5");
        rate.refusal = new ConfigException("not now");
        assertThat(reload.run("a test")).isInstanceOf(Outcome.Refused.class);

        rate.refusal = null;
        assertThat(reload.run("a test")).isEqualTo(new Outcome.Applied(List.of("limits.publish-rate"), List.of()));
    }
}
