package dev.hark.load.wire;

/**
 * What an {@link SseScanner} found. The byte ranges are valid only during the call: they point into the caller's read buffer or into the
 * scanner's own.
 */
public interface SseListener {
    /** A block ended that held an {@code id:} field. Comes before the block's {@link #onEvent}, and alone when the block had no data. */
    void onId(byte[] id, int from, int to);

    /** A block with data ended. An empty type means {@code message}; data lines are joined with LF. */
    void onEvent(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo);

    /** A {@code retry:} field, as soon as its line is complete. */
    void onRetry(long retryMillis);
}
