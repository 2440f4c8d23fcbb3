package dev.hark.fanout;

/**
 * What the lanes' indexes of subscribers may take, as {@link IndexBudget#cost} reckons it.
 *
 * @param subscriptionBytes for one subscription, at least 1
 * @param bytes             for all together, at least that
 */
public record IndexLimits(int subscriptionBytes, long bytes) {
    /** For a hub that is told nothing else. */
    public static final IndexLimits DEFAULT = new IndexLimits(128 << 10, 32 << 20);

    /** @throws IllegalArgumentException naming the setting that is out of range */
    public IndexLimits {
        if (subscriptionBytes < 1) {
            throw new IllegalArgumentException("limits.subscription-bytes is " + subscriptionBytes + "; at least 1 is needed");
        }
        if (bytes < subscriptionBytes) {
            throw new IllegalArgumentException(
                    "limits.index-bytes is " + bytes + "; at least limits.subscription-bytes, which is " + subscriptionBytes
                            + ", is needed");
        }
    }
}
