package dev.hark.app.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL path in which whole segments may be variables: {@code /api/streams/{streamId}}. Immutable.
 *
 * @param text the template as configured
 */
public record PathTemplate(String text) {
    /** The first segments that belong to the hub itself. */
    static final Set<String> RESERVED = Set.of("topics", "events", "client", "demo", "problems");

    private static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_]*)}");

    /** RFC 3986's unreserved characters and those delimiters that no router reads as its own. */
    private static final Pattern LITERAL = Pattern.compile("[A-Za-z0-9._~!$&',;=:@-]+");

    /** @throws IllegalArgumentException naming the segment that is wrong */
    public PathTemplate {
        if (!text.startsWith("/") || text.length() == 1) {
            throw new IllegalArgumentException("a path begins with '/' and has at least one segment");
        }
        List<String> names = new ArrayList<>();
        for (String segment : text.substring(1).split("/", -1)) {
            Optional<String> name = variable(segment);
            if (name.isEmpty() && (!LITERAL.matcher(segment).matches() || segment.equals(".") || segment.equals(".."))) {
                throw new IllegalArgumentException("segment '" + segment + "' is neither plain text nor a variable such as {name}");
            }
            if (name.isPresent() && names.contains(name.get())) {
                throw new IllegalArgumentException("variable {" + name.get() + "} stands twice");
            }
            name.ifPresent(names::add);
        }
        String first = text.substring(1).split("/", -1)[0];
        if (variable(first).isPresent()) {
            throw new IllegalArgumentException("a path that begins with a variable would hide the hub's own");
        }
        if (RESERVED.contains(first)) {
            throw new IllegalArgumentException("/" + first + " is the hub's own");
        }
    }

    /** The segments in order, variables in braces. */
    public List<String> segments() {
        return List.of(text.substring(1).split("/", -1));
    }

    /** The names of the variables, in order. */
    public List<String> variables() {
        return segments().stream().map(PathTemplate::variable).flatMap(Optional::stream).toList();
    }

    /** The template with its variables' names removed: two templates of one shape match the same paths. */
    String shape() {
        return VARIABLE.matcher(text).replaceAll("{}");
    }

    /** The name in a segment that is a variable. */
    static Optional<String> variable(String segment) {
        Matcher matcher = VARIABLE.matcher(segment);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }
}
