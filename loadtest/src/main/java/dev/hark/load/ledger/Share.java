package dev.hark.load.ledger;

/**
 * The part of a load that one of several generators has: of flows and subscribers every {@code of}th, from the {@code index}th on.
 *
 * @param index which generator this is, from 0
 * @param of how many there are
 */
public record Share(int index, int of) {
    /** All of it. */
    public static final Share WHOLE = new Share(0, 1);

    /** Far more than one server could be driven with. */
    public static final int MAX_GENERATORS = 64;

    public Share {
        if (of < 1 || of > MAX_GENERATORS || index < 0 || index >= of) {
            throw new IllegalArgumentException(
                    "share %d of %d; there are from 1 to %d, numbered from 0".formatted(index, of, MAX_GENERATORS));
        }
    }

    /** How many of {@code all} are in this share. */
    public int sizeOf(int all) {
        return all <= index ? 0 : (all - 1 - index) / of + 1;
    }
}
