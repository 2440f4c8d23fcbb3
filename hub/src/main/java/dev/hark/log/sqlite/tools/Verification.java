package dev.hark.log.sqlite.tools;

import java.util.List;

/**
 * What came of reading a whole log.
 *
 * @param events   how many events were read and found as they were stored
 * @param from     the position before the first that was looked at
 * @param through  the position up to which was looked
 * @param findings how much was damaged or lost; 0 where the log is intact
 * @param notes    what is no damage, but should be known: sentences
 */
public record Verification(long events, long from, long through, long findings, List<String> notes) {
    public Verification {
        notes = List.copyOf(notes);
    }

    /** Whether everything is as it was stored. */
    public boolean isIntact() {
        return findings == 0;
    }
}
