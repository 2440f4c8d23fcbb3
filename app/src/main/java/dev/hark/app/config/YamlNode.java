package dev.hark.app.config;

import java.util.List;
import java.util.SequencedMap;

/** A piece of a YAML file, every scalar as the text that stands there. Immutable. */
sealed interface YamlNode {
    /** A scalar. */
    record Text(String value) implements YamlNode {}

    /** A list. */
    record Items(List<YamlNode> values) implements YamlNode {}

    /** A mapping, in the file's order. */
    record Fields(SequencedMap<String, YamlNode> values) implements YamlNode {}

    /** A key without a value: an empty section or an empty list, but no scalar. */
    record Blank() implements YamlNode {}

    /** What the operator wrote, short enough for an error message. */
    default String inWords() {
        return switch (this) {
            case Text(String value) -> quoted(value);
            case Items items -> "a list of " + items.values().size();
            case Fields fields -> "a section with " + String.join(", ", fields.values().keySet());
            case Blank blank -> "empty";
        };
    }

    /** {@code value} in quotes, on one line and at most 80 characters long. */
    static String quoted(String value) {
        String line = value.replaceAll("\\p{Cntrl}", "\uFFFD");
        return "'" + (line.length() <= 80 ? line : line.substring(0, 79) + "…") + "'";
    }
}
