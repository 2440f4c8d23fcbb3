package dev.hark.log;

/** What waits for a log in tests. */
public final class Patiences {
    /** Waits for as long as it takes. */
    public static final Patience ENDLESS = new Patience() {
        @Override
        public long nanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public void ranOut(long position) {
            throw new AssertionError("an endless patience ran out");
        }
    };

    private Patiences() {}
}
