package dev.hark.app.config;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A topic filter in which whole segments may be claims of a token: {@code users/{sub}/**}. Immutable.
 *
 * @param text the template as configured
 */
public record FilterTemplate(String text) {
    /** @throws IllegalArgumentException naming the segment that is wrong */
    public FilterTemplate {
        var sample = new ArrayList<String>();
        for (String segment : segments(text)) {
            Optional<String> claim = claim(segment);
            if (claim.isEmpty() && (segment.contains("{") || segment.contains("}"))) {
                throw new IllegalArgumentException("segment '" + segment + "' is neither plain text nor a claim such as {sub}");
            }
            sample.add(claim.isPresent() ? "claim" : segment);
        }
        TopicFilter _ = new TopicFilter(String.join("/", sample));
    }

    private static Optional<String> claim(String segment) {
        boolean isClaim = segment.length() > 2 && segment.startsWith("{") && segment.endsWith("}")
                && segment.indexOf('{', 1) < 0 && segment.indexOf('}') == segment.length() - 1;
        return isClaim ? Optional.of(segment.substring(1, segment.length() - 1)) : Optional.empty();
    }

    /**
     * The filter for one token. A claim stays within its segment, and cannot be a wildcard.
     *
     * @param claims the text of a claim by its name
     * @return empty where a claim is missing, or cannot be a segment of a topic: then this says nothing of the token
     */
    public Optional<TopicFilter> fill(Function<String, Optional<String>> claims) {
        var filter = new ArrayList<String>();
        for (String segment : segments(text)) {
            Optional<String> claim = claim(segment);
            Optional<String> value = claim.isEmpty() ? Optional.of(segment) : claims.apply(claim.get()).filter(FilterTemplate::isSegment);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            filter.add(value.get());
        }
        try {
            return Optional.of(new TopicFilter(String.join("/", filter)));
        } catch (InvalidEventException e) {
            // Too long, for example.
            return Optional.empty();
        }
    }

    private static boolean isSegment(String value) {
        try {
            return value.indexOf('/') < 0 && new Topic(value).segments().size() == 1;
        } catch (InvalidEventException e) {
            return false;
        }
    }

    private static List<String> segments(String text) {
        return List.of(text.split("/", -1));
    }

    @Override
    public String toString() {
        return text;
    }
}
