package dev.hark.log;

/**
 * A page that somebody holds until it has been written: a part of what all may hold, see {@link History#read}.
 *
 * <p>Closed once. Confined to the thread that asked for it.
 */
public final class HeldPage implements AutoCloseable {
    private final Page page;
    private final PageBudget budget;
    private final long bytes;

    HeldPage(Page page, PageBudget budget, long bytes) {
        this.page = page;
        this.budget = budget;
        this.bytes = bytes;
    }

    public Page page() {
        return page;
    }

    @Override
    public void close() {
        budget.giveBack(bytes);
    }
}
