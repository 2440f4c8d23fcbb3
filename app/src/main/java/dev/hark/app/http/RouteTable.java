package dev.hark.app.http;

import dev.hark.app.config.PathTemplate;
import dev.hark.app.config.RouteRule;
import dev.hark.event.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The configured paths of other people's making, and the topics that they stand for. Immutable. */
final class RouteTable {
    private static final Pattern VARIABLE = Pattern.compile("\\{(.+)}");

    private final List<RouteRule> rules;

    RouteTable(List<RouteRule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** The topic whose stream is at {@code segments}. */
    Optional<Topic> subscribe(List<String> segments) {
        return find(segments, RouteRule::subscribe);
    }

    /** The topic that {@code segments} publish to. */
    Optional<Topic> publish(List<String> segments) {
        return find(segments, RouteRule::publish);
    }

    private Optional<Topic> find(List<String> segments, Function<RouteRule, @Nullable PathTemplate> path) {
        for (RouteRule rule : rules) {
            PathTemplate template = path.apply(rule);
            Map<String, String> variables = template == null ? null : match(template.segments(), segments);
            if (variables != null) {
                return Optional.of(rule.topic().expand(variables));
            }
        }
        return Optional.empty();
    }

    private static @Nullable Map<String, String> match(List<String> template, List<String> path) {
        if (template.size() != path.size()) {
            return null;
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < template.size(); i++) {
            Matcher variable = VARIABLE.matcher(template.get(i));
            if (variable.matches()) {
                variables.put(variable.group(1), path.get(i));
            } else if (!template.get(i).equals(path.get(i))) {
                return null;
            }
        }
        return variables;
    }
}
