package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The file at the repository's root is the default configuration. */
class ApplicationYamlTest {
    private static final Path FILE = Path.of("..", "application.yaml");

    private final ConfigSource source = new ConfigSource(FILE, List.of(), Map.of());

    @Test
    void equalsTheDefaultsButForItsRoutes() {
        HarkConfig config = source.load();
        HarkConfig withoutRoutes = new HarkConfig(config.server(), config.admin(), config.log(), config.hub(), config.limits(), List.of(),
                config.cors(), config.auth(), config.drainWindow(), config.demo(), config.sources(), config.hooks());

        assertThat(withoutRoutes).isEqualTo(ConfigSource.defaults().load());
    }

    @Test
    void holdsEveryKeyThatTheCodeKnows() {
        Settings asked = ConfigSource.defaults().settings();
        Schema.read(asked);
        Settings file = source.settings();

        assertThat(asked.keys()).hasSizeGreaterThan(30).allSatisfy(key -> assertThat(file.isInFile(key)).as(key).isTrue());
        assertThat(file.isInFile("cors.origins")).isTrue();
    }

    @Test
    void givesNoTwoKeysOneVariable() {
        Settings asked = source.settings();
        Schema.read(asked);

        assertThat(asked.keys().stream().map(Environment::variable)).doesNotHaveDuplicates();
    }

    @Test
    void routesTheTopicsOfTheDemo() {
        assertThat(source.load().routes()).extracting(route -> route.topic().text())
                .containsExactly("broadcast", "streams/{streamId}", "apps/{appId}/users/{userId}");
    }
}
