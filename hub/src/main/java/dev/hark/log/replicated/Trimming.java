package dev.hark.log.replicated;

import dev.hark.log.replicated.Journal.Entry;
import dev.hark.log.replicated.Journal.Extent;
import java.io.IOException;
import java.time.Duration;

/** Has a journal forget what snapshots cover. Stateless. */
final class Trimming {
    private static final System.Logger LOGGER = System.getLogger(Trimming.class.getName());

    private Trimming() {}

    /**
     * Has {@code journal} forget what came before {@code older} and is older than {@code margin}.
     *
     * @return how many positions that were
     */
    static long trim(Journal journal, Snapshot older, Duration margin) throws IOException {
        Extent extent = journal.extent();
        Entry last = journal.entry(extent.last()).orElse(null);
        if (last == null || Beginning.unfit(journal, older) != null) {
            return 0;
        }
        // By the journal's own clock.
        long position = firstAfter(journal, last.timeMillis() - margin.toMillis(), extent.first(), older.position());
        if (position <= extent.first()) {
            return 0;
        }
        journal.trim(position);
        LOGGER.log(System.Logger.Level.INFO, "the journal has forgotten what came before {0}, which snapshots cover",
                Long.toString(position));
        return position - extent.first();
    }

    /** The first position from {@code low} to {@code high} whose entry is younger than {@code timeMillis}; {@code high} if none is. */
    private static long firstAfter(Journal journal, long timeMillis, long low, long high) throws IOException {
        while (low < high) {
            long middle = low + (high - low) / 2;
            Entry entry = journal.entry(middle).orElse(null);
            if (entry != null && entry.timeMillis() <= timeMillis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
