package dev.hark.load.scenario;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;

/**
 * A scenario in YAML: the names of {@link Setting}, nested at their dots. Unknown names are refused, with the one that was probably meant.
 */
public final class ScenarioFile {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private ScenarioFile() {}

    /**
     * Reads a scenario; where it has no name, the file's is taken.
     *
     * @throws IOException if there is no such file
     * @throws IllegalArgumentException if it is no YAML, or says something that a scenario cannot say
     */
    public static Scenario read(Path file) throws IOException {
        String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
        try {
            return parse(name, Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException("there is no file " + file);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    static Scenario parse(String name, String yaml) {
        JsonNode root;
        try {
            root = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "line " + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()) + ": " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new IllegalArgumentException("not a map of settings");
        }
        return add(Scenario.named(name), "", root);
    }

    private static Scenario add(Scenario start, String prefix, JsonNode node) {
        Scenario scenario = start;
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String key = prefix + entry.getKey();
            JsonNode value = entry.getValue();
            if (value.isObject()) {
                scenario = add(scenario, key + ".", value);
                continue;
            }
            Setting setting = Setting.of(key);
            if (value.isArray() && setting.takesSeveral()) {
                var all = new ArrayList<String>();
                for (JsonNode each : value) {
                    all.add(scalar(key, each));
                }
                scenario = scenario.with(setting, String.join(",", all));
            } else if (value.isArray() && setting.isList()) {
                for (JsonNode each : value) {
                    scenario = scenario.with(setting, scalar(key, each));
                }
            } else {
                scenario = scenario.with(setting, scalar(key, value));
            }
        }
        return scenario;
    }

    private static String scalar(String key, JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            throw new IllegalArgumentException(key + ": " + (value.isArray() ? "a list where one value belongs" : "no value"));
        }
        return value.asText();
    }
}
