package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;

/** A configuration as a test writes it: the text of a file, {@code --set} and the environment. */
record Configured(String yaml, Map<String, String> set, Map<String, String> environment) {
    static Configured file(String yaml) {
        return new Configured(yaml, Map.of(), Map.of());
    }

    static Configured set(String key, String value) {
        return file("").with(key, value);
    }

    Configured with(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(set);
        more.put(key, value);
        return new Configured(yaml, more, environment);
    }

    Configured environment(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(name, value);
        return new Configured(yaml, set, more);
    }

    HarkConfig load() {
        return Schema.read(new Settings("test.yaml", YamlText.parse(yaml, "test.yaml"), set, new Environment(environment)));
    }

    /** The one line with which this configuration is refused. */
    AbstractStringAssert<?> refusal() {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, this::load);
        assertThat(refusal).as("refusal").isNotNull();
        return assertThat(refusal.getMessage()).doesNotContain("\n");
    }
}
