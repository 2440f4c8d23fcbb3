package dev.hark.app.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration comes from: a file, or none, and what overrides it.
 *
 * @param file        the YAML file, or null where only defaults and overrides hold
 * @param set         {@code key=value} each, which beat the environment; of equal keys the last holds
 * @param environment the process's environment, which beats the file
 */
public record ConfigSource(@Nullable Path file, List<String> set, Map<String, String> environment) {
    /** Of key and value, where their origins stand in one column. */
    private static final int MAX_WIDTH = 60;

    public ConfigSource {
        set = List.copyOf(set);
        environment = Map.copyOf(environment);
    }

    /** The code's own defaults: no file, no overrides. */
    public static ConfigSource defaults() {
        return new ConfigSource(null, List.of(), Map.of());
    }

    /** @throws ConfigException with all the mistakes that were found */
    public HarkConfig load() {
        return Schema.read(settings());
    }

    /**
     * Reads it so that it can be compared with what is read later.
     *
     * @throws ConfigException with all the mistakes that were found
     */
    public Configuration read() {
        Settings settings = settings();
        return new Configuration(this, Schema.read(settings), settings.values());
    }

    /**
     * What holds, a line each: key, value, and where it comes from.
     *
     * @throws ConfigException with all the mistakes that were found
     */
    public List<String> inForce() {
        Settings settings = settings();
        Schema.read(settings);
        int width = settings.effective().entrySet().stream()
                .mapToInt(e -> e.getKey().length() + e.getValue().text().length())
                .max()
                .orElse(0);
        return settings.effective().entrySet().stream()
                .map(e -> {
                    String pair = e.getKey() + ": " + e.getValue().text();
                    return pair + " ".repeat(Math.max(1, Math.min(width, MAX_WIDTH) + 4 - pair.length())) + "# " + e.getValue().origin();
                })
                .toList();
    }

    /**
     * Where the value of each key comes from: the file and the line, a variable, {@code --set}, or {@code default}.
     *
     * @throws ConfigException with all the mistakes that were found
     */
    public Map<String, String> origins() {
        Settings settings = settings();
        Schema.read(settings);
        Map<String, String> origins = new LinkedHashMap<>();
        settings.effective().forEach((key, given) -> origins.put(key, given.origin()));
        return origins;
    }

    Settings settings() {
        String name = file == null ? "no file" : file.toString();
        return new Settings(name, file == null ? YamlText.parse("", name) : YamlText.parse(read(file), name),
                overrides(), new Environment(environment));
    }

    private Map<String, String> overrides() {
        Map<String, String> overrides = new LinkedHashMap<>();
        for (String pair : set) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("--set is " + YamlNode.quoted(pair) + "; key=value is allowed, such as server.port=8081");
            }
            overrides.put(pair.substring(0, equals).strip(), pair.substring(equals + 1));
        }
        return overrides;
    }

    private static String read(Path file) {
        try {
            String text = Files.readString(file);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw new ConfigException("configuration file " + file + " does not exist");
        } catch (CharacterCodingException e) {
            throw new ConfigException("configuration file " + file + " is not UTF-8");
        } catch (IOException e) {
            throw new ConfigException("configuration file " + file + " cannot be read: " + e);
        }
    }
}
