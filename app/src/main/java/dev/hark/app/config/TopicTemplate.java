package dev.hark.app.config;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A topic in which whole segments may be variables: {@code apps/{appId}/users/{userId}}. Immutable.
 *
 * @param text the template as configured
 */
public record TopicTemplate(String text) {
    /** @throws IllegalArgumentException naming the segment that is wrong */
    public TopicTemplate {
        List<String> sample = new ArrayList<>();
        for (String segment : segments(text)) {
            Optional<String> name = PathTemplate.variable(segment);
            if (name.isEmpty() && (segment.contains("{") || segment.contains("}"))) {
                throw new IllegalArgumentException("segment '" + segment + "' is neither plain text nor a variable such as {name}");
            }
            sample.add(name.orElse(segment));
        }
        Topic _ = new Topic(String.join("/", sample));
    }

    /** The names of the variables, in order. */
    public List<String> variables() {
        return segments(text).stream().map(PathTemplate::variable).flatMap(Optional::stream).toList();
    }

    /**
     * The topic with each variable replaced by its value, which stays within its segment and cannot be a wildcard.
     *
     * @throws InvalidEventException if a value is missing, blank, holds a {@code /}, or makes no topic
     */
    public Topic expand(Map<String, String> values) {
        List<String> topic = new ArrayList<>();
        for (String segment : segments(text)) {
            topic.add(PathTemplate.variable(segment).map(name -> checked(name, values.getOrDefault(name, ""))).orElse(segment));
        }
        return new Topic(String.join("/", topic));
    }

    private static String checked(String name, String value) {
        if (value.isBlank()) {
            throw new InvalidEventException("path variable {" + name + "} is blank");
        }
        if (value.indexOf('/') >= 0) {
            throw new InvalidEventException("path variable {" + name + "} is '" + value + "'; it must not hold a '/'");
        }
        return value;
    }

    private static List<String> segments(String text) {
        return List.of(text.split("/", -1));
    }

    @Override
    public String toString() {
        return text;
    }
}
