package dev.hark.app.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A section of the configuration: each getter declares a key, its type, its default and its range, and reads it.
 *
 * <p>Every getter throws {@link ConfigException} with key, value and what is allowed. A default is written as the operator would write it.
 * Confined to the thread that reads the configuration.
 */
final class Section {
    private static final int MAX_LISTED = 1000;

    private final Settings settings;
    private final String prefix;

    Section(Settings settings, String prefix) {
        this.settings = settings;
        this.prefix = prefix;
    }

    Section section(String name) {
        settings.section(key(name));
        return new Section(settings, key(name) + ".");
    }

    /**
     * The items of a list of sections; where neither file nor overrides have the list, {@code absent}
     * empty sections stand for its defaults.
     */
    List<Section> sections(String name, int absent) {
        List<Section> items = new ArrayList<>();
        int count = item(() -> settings.count(key(name), absent)).orElse(0);
        for (int i = 0; i < count; i++) {
            items.add(section(name + "." + i));
        }
        return items;
    }

    /** What {@link #isWord} found to be a section. */
    Section part(String name) {
        return new Section(settings, key(name) + ".");
    }

    /** Says that what nobody gives in the section {@code name} is what the keys of the same names in {@code other} have. */
    void inherits(String name, String other) {
        settings.inherits(key(name), other);
    }

    /** As {@link Settings#isWord}. */
    boolean isWord(String name, String word, String allowed) {
        return settings.isWord(key(name), word, allowed);
    }

    /** Whether anybody gives {@code name} or something in it. */
    boolean isGiven(String name) {
        return settings.isGiven(key(name));
    }

    boolean isInFile(String name) {
        return settings.isInFile(key(name));
    }

    /** A text that is not shown to anybody; empty where there is none. */
    Optional<TlsSettings.Secret> secret(String name) {
        return item(() -> settings.secret(key(name)));
    }

    /** A value that {@code parser} reads, refusing with an {@link IllegalArgumentException}; without a default the key is mandatory. */
    <T> T parsed(String name, @Nullable String fallback, String allowed, Function<String, T> parser) {
        try {
            Settings.Given given = settings.find(key(name), allowed, fallback);
            if (given != null) {
                return meant(name, parse(key(name), given, allowed, parser));
            }
        } catch (ConfigException e) {
            if (fallback == null) {
                throw e;
            }
            // Read on with the default, to find what else is wrong.
            settings.mistake(e);
        }
        if (fallback == null) {
            throw new ConfigException(key(name) + " is missing; " + allowed + " is needed");
        }
        return meant(name, parser.apply(fallback));
    }

    private <T> T meant(String name, T value) {
        settings.means(key(name), value);
        return value;
    }

    /** What {@code item} reads, or empty where it finds a mistake that no default makes good; then reading goes on with the next item. */
    <T> Optional<T> item(Supplier<@Nullable T> item) {
        try {
            return Optional.ofNullable(item.get());
        } catch (ConfigException e) {
            settings.mistake(e);
            return Optional.empty();
        }
    }

    /** A value that {@code parser} reads, or null where there is none. */
    <T> @Nullable T optional(String name, String allowed, Function<String, T> parser) {
        Settings.Given given = settings.find(key(name), allowed, null);
        return given == null ? null : meant(name, parse(key(name), given, allowed, parser));
    }

    /** A whole number within the bounds, both included. */
    int number(String name, int fallback, int min, int max) {
        return Math.toIntExact(number(name, (long) fallback, min, max));
    }

    /** A whole number within the bounds, both included. */
    long number(String name, long fallback, long min, long max) {
        return parsed(name, Long.toString(fallback), "a whole number from " + min + " to " + max, text -> wholeNumber(text, min, max));
    }

    /** A number of bytes within the bounds, both included. */
    long size(String name, String fallback, String min, String max) {
        long least = bytes(min);
        long most = bytes(max);
        String allowed = "a size from " + min + " to " + max + ", such as " + fallback + ",";
        return parsed(name, fallback, allowed, text -> within(bytes(text), least, most));
    }

    /** A length of time within the bounds, both included; fallback and bounds are in ISO-8601. */
    Duration duration(String name, String fallback, String min, String max) {
        return duration(name, fallback, fallback, min, max);
    }

    /** The same, where {@code example} shows better than the fallback what is meant. */
    Duration duration(String name, String fallback, String example, String min, String max) {
        Duration least = Duration.parse(min);
        Duration most = Duration.parse(max);
        String allowed = "a duration from " + TimeSpan.print(least) + " to " + TimeSpan.print(most) + ", such as "
                + TimeSpan.print(Duration.parse(example)) + " or " + example + ",";
        return parsed(name, fallback, allowed, text -> {
            Duration value = TimeSpan.parse(text).orElseThrow(() -> new IllegalArgumentException(""));
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new IllegalArgumentException("");
            }
            return value;
        });
    }

    boolean flag(String name, boolean fallback) {
        return parsed(name, Boolean.toString(fallback), "true or false", text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("");
        });
    }

    /** One of a few words. */
    <E extends Enum<E>> E choice(String name, String fallback, E[] values, Function<E, String> spelling) {
        String allowed = Arrays.stream(values).map(spelling).collect(Collectors.joining(" | "));
        return parsed(name, fallback, allowed, text -> Arrays.stream(values)
                .filter(value -> spelling.apply(value).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("")));
    }

    /** A list of texts, empty by default; overrides may also give it as one text, separated by commas. */
    <T> List<T> list(String name, String allowed, Function<String, T> parser) {
        List<T> values = new ArrayList<>();
        Optional<Settings.Given> text = settings.listAsText(key(name), allowed);
        if (text.isPresent()) {
            String items = text.get().text();
            for (String item : items.isBlank() ? new String[0] : items.split(",", MAX_LISTED)) {
                var given = new Settings.Given(item.strip(), text.get().origin());
                item(() -> parse(key(name), given, allowed, parser)).ifPresent(values::add);
            }
            return values;
        }
        int count = item(() -> settings.count(key(name), 0)).orElse(0);
        for (int i = 0; i < count; i++) {
            String each = name + "." + i;
            item(() -> parsed(each, null, allowed, parser)).ifPresent(values::add);
        }
        return values;
    }

    private String key(String name) {
        return prefix + name;
    }

    private static <T> T parse(String key, Settings.Given given, String allowed, Function<String, T> parser) {
        try {
            return parser.apply(given.text());
        } catch (ConfigException e) {
            // It says all there is to say, and may not quote what was given.
            throw e;
        } catch (IllegalArgumentException e) {
            String reason = e.getMessage() == null || e.getMessage().isEmpty() ? "" : " (" + e.getMessage() + ")";
            throw new ConfigException(
                    key + " is " + YamlNode.quoted(given.text()) + " (" + given.origin() + "); " + allowed + " is allowed" + reason);
        }
    }

    private static long wholeNumber(String text, long min, long max) {
        if (!text.matches("-?[0-9][0-9_]{0,17}")) {
            throw new IllegalArgumentException("");
        }
        return within(Long.parseLong(text.replace("_", "")), min, max);
    }

    private static long bytes(String text) {
        return ByteSize.parse(text).orElseThrow(() -> new IllegalArgumentException(""));
    }

    private static long within(long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("");
        }
        return value;
    }
}
