package dev.hark.load.drive;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was said about a kind of request, on a command line or in a scenario. What is null was not said: the target's profile knows.
 *
 * @param method such as {@code PUT}
 * @param path with {@code {topic}} in it
 * @param headers lines that go with this kind of request only, and replace others of the same name
 * @param body with {@code {topic}} and {@code {data}} in it
 */
public record RequestSettings(@Nullable String method, @Nullable String path, List<String> headers, @Nullable String body) {
    static final RequestSettings NONE = new RequestSettings(null, null, List.of(), null);

    public RequestSettings {
        headers = List.copyOf(headers);
    }

    /** Something that was said and that only the generic profile takes. */
    Optional<String> onlyGeneric() {
        if (method != null) {
            return Optional.of("method");
        }
        if (body != null) {
            return Optional.of("body");
        }
        return headers.isEmpty() ? Optional.empty() : Optional.of("header");
    }
}
