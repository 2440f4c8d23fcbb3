package dev.hark.app.http;

import dev.hark.app.config.NearestKey;
import io.helidon.common.parameters.Parameters;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Set;

/** The query parameters that a request may have. Stateless. */
final class QueryNames {
    static final Set<String> PUBLISH = Set.of("type", "key", "end");
    static final Set<String> DELETE = Set.of("key");
    static final Set<String> NONE = Set.of();
    static final Set<String> SUBSCRIBE = Set.of("lastEventId", "since", "last", "format", "limit", "wait", "ticket", "access_token");
    static final Set<String> SUBSCRIBE_MANY =
            Set.of("topic", "lastEventId", "since", "last", "format", "limit", "wait", "ticket", "access_token");

    /** What some frameworks put behind the name of a parameter that stands more than once. */
    private static final String LIST = "[]";

    private QueryNames() {}

    /**
     * Refuses what nobody would read: {@code ?lst=10} asks for something, and must not look as if it had been heard.
     *
     * @throws ProblemException naming the first parameter that is not {@code allowed}, and what was probably meant
     */
    static void require(ServerRequest request, Set<String> allowed) {
        for (String name : request.query().names()) {
            if (!allowed.contains(name)) {
                String known = allowed.isEmpty() ? " none is allowed here" : " allowed here: " + String.join(", ", sorted(allowed));
                throw new ProblemException(ProblemType.MALFORMED,
                        "unknown query parameter '" + Shown.of(name) + '\'' + hint(name, allowed) + known);
            }
        }
    }

    /**
     * The values of {@code name} in their order. One without an equals sign is empty, as the WHATWG's URL standard has it (section 5.1);
     * Helidon has the name then, and no value.
     */
    static List<String> values(Parameters query, String name) {
        if (!query.contains(name)) {
            return List.of();
        }
        List<String> values = query.all(name);
        return values.isEmpty() ? List.of("") : values;
    }

    private static String hint(String name, Set<String> allowed) {
        if (name.endsWith(LIST) && allowed.contains(name.substring(0, name.length() - LIST.length()))) {
            return "; without the brackets it may stand several times: topic=a&topic=b;";
        }
        return NearestKey.to(name, allowed).map(meant -> "; did you mean " + meant + "?").orElse(";");
    }

    private static Iterable<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
