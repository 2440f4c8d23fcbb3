package dev.hark.app.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the configuration is read from: {@code --set} before the environment before the file.
 *
 * <p>It remembers every key that it was asked for, so that the code which reads a key is also the only place that declares it: what is left
 * over at the end is unknown. Confined to the thread that reads the configuration.
 */
final class Settings {
    /** A value and where it stands. */
    record Given(String text, String origin) {}

    private static final int MAX_ITEMS = 1000;

    /** What stands where a secret would. */
    private static final String HIDDEN = "(not shown)";

    /** In the name of a key that is unknown, and holds a secret wherever it was meant to be. */
    private static final Pattern SECRET = Pattern.compile("pass|secret", Pattern.CASE_INSENSITIVE);

    /** The origin of what nobody gives. */
    static final String DEFAULT = "default";

    /** What the origin begins with of what is as another key has it, which then follows. */
    static final String INHERITED = "as ";

    private final String fileName;
    private final YamlNode.Fields file;

    /** The lines of the file's keys. */
    private final Map<String, Integer> lines;

    private final Map<String, String> set;
    private final Environment environment;

    /** Every scalar key that was asked for, with what it may be. */
    private final SequencedMap<String, String> known = new LinkedHashMap<>();

    private final Set<String> sections = new LinkedHashSet<>();

    /** What was found wrong so far. */
    private final List<String> mistakes = new ArrayList<>();

    /** What holds, key by key: what was given, or the default. */
    private final SequencedMap<String, Given> effective = new LinkedHashMap<>();

    /** What the texts of keys mean, where somebody has said so. */
    private final Map<String, Object> meanings = new LinkedHashMap<>();

    /** Keys whose values nobody is shown. */
    private final Set<String> secrets = new LinkedHashSet<>();

    Settings(String fileName, YamlText.Document file, Map<String, String> set, Environment environment) {
        this.fileName = fileName;
        this.file = file.root();
        this.lines = file.lines();
        this.set = set;
        this.environment = environment;
    }

    Section root() {
        return new Section(this, "");
    }

    /** The keys that were asked for so far, in that order. */
    Set<String> keys() {
        return known.keySet();
    }

    /** Notes a mistake; reading goes on, so that all are found at once. */
    void mistake(ConfigException mistake) {
        mistakes.addAll(mistake.mistakes());
    }

    /** @throws ConfigException if there was any mistake, with all of them */
    void requireNoMistakes() {
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
    }

    /** What holds, and where it comes from, in the order in which it was asked for. */
    SequencedMap<String, Given> effective() {
        return effective;
    }

    /** Notes what the text of {@code key} means: texts may differ that mean the same. */
    void means(String key, Object value) {
        meanings.put(key, value);
    }

    /** What holds, by key: what its text means, or the text. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        effective.forEach((key, given) -> values.put(key, meanings.getOrDefault(key, given.text())));
        return values;
    }

    /** The value of {@code key}, or null where nobody gives one, and {@code fallback} holds. */
    @Nullable Given find(String key, String allowed, @Nullable String fallback) {
        known.put(key, allowed);
        Given given = override(key).orElseGet(() -> switch (inFile(key)) {
            case null -> null;
            case YamlNode.Text(String text) -> new Given(text, place(key));
            case YamlNode other -> throw new ConfigException(
                    key + " is " + other.inWords() + " (" + place(key) + "); " + allowed + " is allowed");
        });
        if (given != null || fallback != null) {
            effective.put(key, given == null ? new Given(String.valueOf(fallback), DEFAULT) : given);
        }
        return given;
    }

    /** Says that what nobody gives in {@code section} is what the keys of the same names in {@code other} have. */
    void inherits(String section, String other) {
        effective.replaceAll((key, given) -> key.startsWith(section + ".") && given.origin().equals(DEFAULT)
                ? new Given(given.text(), INHERITED + other + key.substring(section.length()))
                : given);
    }

    /** Where {@code key} stands in the file. */
    private String place(String key) {
        Integer line = lines.get(key);
        return line == null ? fileName : fileName + " line " + line;
    }

    /** Notes that {@code key} is a section, which the file may leave out. */
    void section(String key) {
        sections.add(key);
        switch (inFile(key)) {
            case null -> {}
            case YamlNode.Fields fields -> {}
            case YamlNode.Blank blank -> {}
            case YamlNode other -> mistake(
                    new ConfigException(key + " is " + other.inWords() + " (" + place(key) + "); a section is allowed"));
        }
    }

    /**
     * Whether {@code key}, which may also be a section, is the one word {@code word}; where it is another, that is noted as a mistake, and
     * {@code allowed} says what may stand there. An override of a key in the section makes it one, whatever word the file has.
     */
    boolean isWord(String key, String word, String allowed) {
        Optional<Given> given = override(key);
        if (given.isEmpty() && inFile(key) instanceof YamlNode.Text(String text) && !isOverridden(key)) {
            given = Optional.of(new Given(text, place(key)));
        }
        if (given.isEmpty()) {
            sections.add(key);
            if (inFile(key) instanceof YamlNode.Items list) {
                mistake(new ConfigException(key + " is " + list.inWords() + " (" + place(key) + "); " + allowed + " is allowed"));
            }
            return false;
        }
        known.put(key, allowed);
        effective.put(key, given.get());
        if (!given.get().text().equals(word)) {
            mistake(new ConfigException(
                    key + " is " + YamlNode.quoted(given.get().text()) + " (" + given.get().origin() + "); " + allowed + " is allowed"));
        }
        return true;
    }

    /** Whether anybody gives {@code key} or something in it. */
    boolean isGiven(String key) {
        YamlNode node = inFile(key);
        return (node != null && !(node instanceof YamlNode.Blank)) || isOverridden(key);
    }

    /**
     * How many items the list {@code key} has, with those that only overrides give; {@code absent} is its length where the
     * file has none.
     */
    int count(String key, int absent) {
        sections.add(key);
        int count = switch (inFile(key)) {
            case null -> absent;
            case YamlNode.Items items -> items.values().size();
            case YamlNode.Blank blank -> 0;
            case YamlNode other -> throw new ConfigException(key + " is " + other.inWords() + " (" + place(key) + "); a list is allowed");
        };
        while (isOverridden(key + "." + count)) {
            count++;
        }
        if (count > MAX_ITEMS) {
            throw new ConfigException(key + " has " + count + " items; at most " + MAX_ITEMS + " are allowed");
        }
        return count;
    }

    /** Whether the file has {@code key}, even if it is empty. */
    boolean isInFile(String key) {
        return inFile(key) != null;
    }

    /** The override that gives the whole list {@code key} as one text. */
    Optional<Given> listAsText(String key, String allowed) {
        Optional<Given> given = override(key);
        given.ifPresent(text -> {
            known.put(key, allowed);
            effective.put(key, text);
        });
        return given;
    }

    /** A text that neither errors nor lists of what holds show; null where there is none. */
    TlsSettings.@Nullable Secret secret(String key) {
        secrets.add(key);
        Given given = find(key, "text", null);
        if (given == null) {
            return null;
        }
        effective.put(key, new Given(HIDDEN, given.origin()));
        means(key, given.text());
        return new TlsSettings.Secret(key, given.text());
    }

    /** Notes every key that nobody asked for as a mistake, with its neighbours and the one that was probably meant. */
    void refuseUnknown() {
        refuseUnknown(file, "");
        set.forEach((key, value) -> {
            if (!known.containsKey(key)) {
                mistake(sections.contains(key) ? wholeSection(key, value) : unknown(key, YamlNode.quoted(value), "--set"));
            }
        });
        Set<String> variables = known.keySet().stream().map(Environment::variable).collect(Collectors.toSet());
        environment.values().keySet().forEach(name -> {
            if (!variables.contains(name)) {
                // Without its value, which may be somebody's secret, and would be in the logs of every start that fails.
                mistake(new ConfigException("unknown environment variable " + name + nearest(name, variables)
                        + " Allowed: HARK_ and a key in upper case, dots and dashes as _"));
            }
        });
    }

    private void refuseUnknown(YamlNode node, String path) {
        switch (node) {
            case YamlNode.Fields fields -> fields.values()
                    .forEach((name, child) -> refuseUnknownChild(path.isEmpty() ? name : path + "." + name, child));
            case YamlNode.Items items -> {
                for (int i = 0; i < items.values().size(); i++) {
                    refuseUnknownChild(path + "." + i, items.values().get(i));
                }
            }
            case YamlNode.Text text -> {}
            case YamlNode.Blank blank -> {}
        }
    }

    private void refuseUnknownChild(String key, YamlNode child) {
        if (known.containsKey(key)) {
            return;
        }
        if (!sections.contains(key)) {
            mistake(unknown(key, child.inWords(), place(key)));
            return;
        }
        refuseUnknown(child, key);
    }

    private ConfigException unknown(String key, String value, String origin) {
        String parent = key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "";
        while (!parent.isEmpty() && !sections.contains(parent)) {
            parent = parent.contains(".") ? parent.substring(0, parent.lastIndexOf('.')) : "";
        }
        boolean secret = SECRET.matcher(key).find() || NearestKey.to(key, keysAndSections()).filter(secrets::contains).isPresent();
        String shown = secret ? HIDDEN : value;
        return new ConfigException("unknown key " + key + ", which is " + shown + " (" + origin + ")" + nearest(key, keysAndSections())
                + " Allowed " + (parent.isEmpty() ? "at the top" : "in " + parent) + ": " + String.join(", ", children(parent)));
    }

    private Set<String> keysAndSections() {
        Set<String> all = new LinkedHashSet<>(known.keySet());
        all.addAll(sections);
        return all;
    }

    private static ConfigException wholeSection(String key, String value) {
        return new ConfigException(key + " is " + YamlNode.quoted(value) + " (--set), but it is a section or a list; set one of its keys");
    }

    private static String nearest(String name, Collection<String> candidates) {
        return NearestKey.to(name, candidates).map(key -> "; did you mean " + key + "?").orElse(".");
    }

    private List<String> children(String parent) {
        String prefix = parent.isEmpty() ? "" : parent + ".";
        return Stream.concat(known.keySet().stream(), sections.stream())
                .filter(key -> key.startsWith(prefix) && key.length() > prefix.length())
                .map(key -> key.substring(prefix.length()).split("\\.", 2)[0])
                .distinct()
                .toList();
    }

    private Optional<Given> override(String key) {
        String variable = Environment.variable(key);
        if (set.containsKey(key)) {
            return Optional.of(new Given(set.getOrDefault(key, ""), "--set"));
        }
        return Optional.ofNullable(environment.values().get(variable)).map(text -> new Given(text, variable));
    }

    private boolean isOverridden(String key) {
        String variable = Environment.variable(key);
        return set.keySet().stream().anyMatch(name -> name.equals(key) || name.startsWith(key + "."))
                || environment.values().keySet().stream().anyMatch(name -> name.equals(variable) || name.startsWith(variable + "_"));
    }

    private @Nullable YamlNode inFile(String key) {
        YamlNode node = file;
        for (String name : key.split("\\.")) {
            YamlNode child = switch (node) {
                case YamlNode.Fields fields -> fields.values().get(name);
                case YamlNode.Items items -> item(items, name);
                case YamlNode.Text text -> null;
                case YamlNode.Blank blank -> null;
            };
            if (child == null) {
                return null;
            }
            node = child;
        }
        return node;
    }

    private static @Nullable YamlNode item(YamlNode.Items items, String index) {
        if (!index.matches("[0-9]{1,4}") || Integer.parseInt(index) >= items.values().size()) {
            return null;
        }
        return items.values().get(Integer.parseInt(index));
    }
}
