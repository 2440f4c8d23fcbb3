package dev.hark.app.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** A configuration that was read, and what stood in it key by key, so that it can be compared with a later one. Immutable. */
public final class Configuration {
    /** An item of a list, and what it has. */
    private static final Pattern ITEM = Pattern.compile("\\.\\d+(?:\\..*)?$");

    private final ConfigSource source;
    private final HarkConfig config;

    /** By key: what its text means, or the text where only that is known. */
    private final Map<String, Object> values;

    Configuration(ConfigSource source, HarkConfig config, Map<String, Object> values) {
        this.source = source;
        this.config = config;
        this.values = Map.copyOf(values);
    }

    /** Where it was read from. */
    public ConfigSource source() {
        return source;
    }

    public HarkConfig config() {
        return config;
    }

    /** The keys that mean something else in {@code other}; of a list its name alone. */
    public List<String> differences(Configuration other) {
        Set<String> keys = new LinkedHashSet<>(values.keySet());
        keys.addAll(other.values.keySet());
        Set<String> different = new LinkedHashSet<>();
        for (String key : keys) {
            if (!Objects.equals(values.get(key), other.values.get(key))) {
                different.add(ITEM.matcher(key).replaceFirst(""));
            }
        }
        return new ArrayList<>(different).stream().sorted().toList();
    }
}
