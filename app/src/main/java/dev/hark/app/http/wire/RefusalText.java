package dev.hark.app.http.wire;

import org.jspecify.annotations.Nullable;

/** What the answer to a refused request says, beside its status. Thread-safe. */
@FunctionalInterface
public interface RefusalText {
    /** The body, as application/problem+json. */
    byte[] document(Refusal refusal);

    /**
     * Header lines, each with its CR LF.
     *
     * @param origin where the request says that its page is from; null where it does not, or was refused before that was read
     */
    default String fieldLines(@Nullable String origin) {
        return "";
    }
}
