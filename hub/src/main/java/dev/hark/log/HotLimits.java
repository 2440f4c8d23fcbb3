package dev.hark.log;

/**
 * How many of the newest events stay in memory, whatever the log is kept in.
 *
 * @param events how many events at most, at least 1
 * @param bytes  how many bytes of frames at most, at least 1; the newest event stays however large it is
 */
public record HotLimits(int events, long bytes) {
    /** @throws IllegalArgumentException naming the bound that is out of range */
    public HotLimits {
        if (events < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "hot events bounded by " + events + " events and " + bytes + " bytes; both must be at least 1");
        }
    }
}
