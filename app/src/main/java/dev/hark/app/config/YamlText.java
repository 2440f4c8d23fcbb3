package dev.hark.app.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** A YAML document as {@link YamlNode}s. Stateless. */
final class YamlText {
    /*
     * Helidon's own YAML source takes the last of two equal keys, resolves ${…} and forgets which file a value came from. The parser that
     * it brings is used directly instead: equal keys are refused, and scalars stay the text that the operator wrote, so that a value means
     * the same in the file, in the environment and after --set (YAML 1.1 on its own reads `no` as false and `1:30` as 90).
     */
    private static final int MAX_DEPTH = 12;

    /**
     * What was read.
     *
     * @param root  its sections
     * @param lines on which its keys and items stand, from 1
     */
    record Document(YamlNode.Fields root, Map<String, Integer> lines) {}

    private YamlText() {}

    /**
     * Reads a document that holds one mapping, or nothing, with the lines on which its keys stand.
     *
     * @param name what errors call the document
     * @throws ConfigException naming the line that is no YAML, holds a key twice, or holds what a configuration cannot
     */
    static Document parse(String text, String name) {
        Object document;
        Map<String, Integer> lines = new HashMap<>();
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            DumperOptions unused = new DumperOptions();
            var yaml = new Yaml(new SafeConstructor(options), new Representer(unused), unused, options, new ScalarsAsText());
            document = yaml.load(text);
            lines(yaml.compose(new StringReader(text)), "", 0, lines);
        } catch (MarkedYAMLException e) {
            String where = e.getProblemMark() == null ? "" : " line " + (e.getProblemMark().getLine() + 1);
            throw new ConfigException(name + where + ": " + oneLine(e.getProblem()));
        } catch (YAMLException e) {
            throw new ConfigException(name + ": " + oneLine(e.getMessage()));
        } catch (RuntimeException e) {
            // What a tag such as !!int asks for, and the text is not, SnakeYAML says by whatever its parsing threw.
            throw new ConfigException(name + ": a value is not what its tag (!!) says: " + oneLine(String.valueOf(e.getMessage())));
        }
        return switch (node(document, name, "", 0)) {
            case YamlNode.Fields fields -> new Document(fields, lines);
            case YamlNode.Blank blank -> new Document(new YamlNode.Fields(new LinkedHashMap<>()), lines);
            case YamlNode other -> throw new ConfigException(name + " holds " + other.inWords()
                    + "; sections such as 'server:' are expected");
        };
    }

    /** Of what is merged into a section from elsewhere nothing is noted: it stands in several places. */
    private static void lines(@Nullable Node node, String path, int depth, Map<String, Integer> into) {
        if (depth > MAX_DEPTH) {
            return;
        }
        String prefix = path.isEmpty() ? "" : path + ".";
        if (node instanceof MappingNode mapping) {
            for (NodeTuple field : mapping.getValue()) {
                if (field.getKeyNode() instanceof ScalarNode key) {
                    into.put(prefix + key.getValue(), key.getStartMark().getLine() + 1);
                    lines(field.getValueNode(), prefix + key.getValue(), depth + 1, into);
                }
            }
        } else if (node instanceof SequenceNode list) {
            for (int i = 0; i < list.getValue().size(); i++) {
                Node item = list.getValue().get(i);
                into.put(prefix + i, item.getStartMark().getLine() + 1);
                lines(item, prefix + i, depth + 1, into);
            }
        }
    }

    private static YamlNode node(@Nullable Object value, String name, String key, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ConfigException(name + ": key '" + key + "' is nested deeper than " + MAX_DEPTH + " sections");
        }
        return switch (value) {
            case null -> new YamlNode.Blank();
            case String text -> new YamlNode.Text(text);
            case Number number -> new YamlNode.Text(number.toString());
            case Boolean flag -> new YamlNode.Text(flag.toString());
            case List<?> items -> {
                List<YamlNode> nodes = new ArrayList<>();
                for (Object item : items) {
                    nodes.add(node(item, name, key + "." + nodes.size(), depth + 1));
                }
                yield new YamlNode.Items(Collections.unmodifiableList(nodes));
            }
            case Map<?, ?> fields -> {
                LinkedHashMap<String, YamlNode> nodes = new LinkedHashMap<>();
                fields.forEach((field, child) -> nodes.put(
                        fieldName(field, name), node(child, name, key.isEmpty() ? String.valueOf(field) : key + "." + field, depth + 1)));
                yield new YamlNode.Fields(Collections.unmodifiableSequencedMap(nodes));
            }
            default -> throw new ConfigException(
                    name + ": key '" + key + "' is tagged as " + value.getClass().getSimpleName() + "; text is allowed");
        };
    }

    private static String fieldName(@Nullable Object field, String name) {
        if (!(field instanceof String text) || text.isBlank()) {
            throw new ConfigException(name + ": the key " + YamlNode.quoted(String.valueOf(field)) + " is no name");
        }
        if (text.indexOf('.') >= 0) {
            throw new ConfigException(name + ": the key " + YamlNode.quoted(text) + " holds a dot; sections are nested in the file");
        }
        return text;
    }

    private static String oneLine(@Nullable String message) {
        return message == null ? "no YAML" : message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    }

    /** The resolver of a schema in which a plain scalar is text or nothing. */
    private static final class ScalarsAsText extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
