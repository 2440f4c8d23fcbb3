package dev.hark.app.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an {@link Upstream}, over which its items are read in order. Every wait has an end. Confined to the thread of its source,
 * but for {@link #abort}.
 */
public interface Reading extends AutoCloseable {
    /** Whether one position alone does not tell it what is in the log, so that it needs {@link #recall}. */
    default boolean needsRecall() {
        return false;
    }

    /**
     * Told, before the first read, the positions of the newest portions, as far back as the log has them, where it needs them. One position
     * may be there several times.
     *
     * @param positions the oldest first
     * @throws UpstreamException with one sentence for the operator
     */
    default void recall(List<JsonNode> positions) throws UpstreamException {}

    /**
     * The position to keep at an orderly end: {@code position}, or one that knows more of the same place.
     *
     * @param position of the newest portion that is stored
     */
    default JsonNode atRest(JsonNode position) {
        return position;
    }

    /**
     * The next items behind {@code position}: the same ones when it is asked again, until they are {@link #stored}.
     *
     * @param position that of an earlier portion; null for the beginning
     * @param limit    how many items at most, positive
     * @throws UpstreamException with one sentence for the operator
     * @throws HeldUpException   where it is to be asked again
     */
    Portion read(@Nullable JsonNode position, int limit) throws UpstreamException, HeldUpException;

    /**
     * Told that the log has the portion that ends at {@code position}, so that what was read can go. Told again whenever a reading begins
     * there, since nobody knows what the one before it still did.
     *
     * @param refused ids of the portion's items that were passed over: they stay
     * @throws UpstreamException with one sentence for the operator
     * @throws HeldUpException   where the rest of it is done when the next portion is read
     */
    void stored(JsonNode position, List<String> refused) throws UpstreamException, HeldUpException;

    /**
     * Waits until there may be something, for {@code most} at most.
     *
     * @return whether something said so
     * @throws UpstreamException with one sentence for the operator
     * @throws HeldUpException   where it is to be asked again
     */
    boolean awaitMore(Duration most) throws UpstreamException, HeldUpException;

    /** Has whatever hangs in this reading fail. Called by any thread, which may hang itself. */
    void abort();

    @Override
    void close();
}
