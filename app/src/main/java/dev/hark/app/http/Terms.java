package dev.hark.app.http;

/**
 * What a request is judged by and may change while the hub runs, all of it of one configuration. Immutable.
 *
 * @param crossOrigin which pages may do what
 * @param publishRate how many events a publisher may publish in a second, unless its key says otherwise; 0: no limit
 */
record Terms(CrossOrigin crossOrigin, int publishRate) {
    /** Those of the request that this thread answers. */
    private static final ScopedValue<Terms> CURRENT = ScopedValue.newInstance();

    /** @throws java.util.NoSuchElementException where no request is answered */
    static Terms current() {
        return CURRENT.get();
    }

    /** Answers a request in {@code answer}, which finds these as the {@link #current} ones however long it takes. */
    void hold(Runnable answer) {
        ScopedValue.where(CURRENT, this).run(answer);
    }
}
