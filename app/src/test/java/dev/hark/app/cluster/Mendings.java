package dev.hark.app.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/** What ends the faults that have begun, each at its time, chosen by a seed. Confined to the test's thread. */
final class Mendings {
    private static final int MIN_MILLIS = 50;

    private final Random random;
    private final List<Mending> mendings = new ArrayList<>();

    interface Action {
        void run() throws IOException, InterruptedException;
    }

    /** @param firm whether it is waited for, also where all is to be mended */
    private record Mending(long dueNanos, boolean firm, Action action) {}

    Mendings(Random random) {
        this.random = random;
    }

    int size() {
        return mendings.size();
    }

    /** Within {@code most}, or as soon as all is mended. */
    void later(Duration most, Action action) {
        int millis = MIN_MILLIS + random.nextInt((int) most.toMillis() - MIN_MILLIS);
        mendings.add(new Mending(System.nanoTime() + Duration.ofMillis(millis).toNanos(), false, action));
    }

    /** After {@code time}, whatever happens. */
    void after(Duration time, Action action) {
        mendings.add(new Mending(System.nanoTime() + time.toNanos(), true, action));
    }

    /** What is due. */
    void mend() throws IOException, InterruptedException {
        mend(false);
    }

    /** All but what has its time, at once. */
    void mendAll() throws IOException, InterruptedException {
        mend(true);
    }

    private void mend(boolean all) throws IOException, InterruptedException {
        for (Iterator<Mending> each = mendings.iterator(); each.hasNext(); ) {
            Mending mending = each.next();
            if ((all && !mending.firm()) || System.nanoTime() - mending.dueNanos() >= 0) {
                each.remove();
                mending.action().run();
            }
        }
    }
}
