package dev.hark.log;

/**
 * A page that somebody holds until it has been written: a part of what all may hold, see {@link History#read}.
 *
 * <p>Closed once. Confined to the thread that asked for it.
 */
public final class HeldPage implements AutoCloseable {
    private final Page page;
    private final long lost;
    private final PageBudget budget;
    private final long bytes;

    HeldPage(Page page, long lost, PageBudget budget, long bytes) {
        this.page = page;
        this.lost = lost;
        this.budget = budget;
        this.bytes = bytes;
    }

    public Page page() {
        return page;
    }

    /**
     * The position up to which retention has removed events that may have matched. Where it is after the page's beginning, the page holds
     * what other classes of topics have kept.
     */
    public long lost() {
        return lost;
    }

    @Override
    public void close() {
        budget.giveBack(bytes);
    }
}
