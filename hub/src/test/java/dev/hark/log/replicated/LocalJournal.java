package dev.hark.log.replicated;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A journal in memory that several nodes of one process share: each opens its own {@link Connection}. A test may have it hang, lose
 * acknowledgements, and be put back to what it held before. Thread-safe.
 */
public final class LocalJournal implements ReplicatedLog.Journals {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final InstantSource clock;
    private final int maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LocalSnapshots snapshots = new LocalSnapshots();

    private final Map<Journal, Supplier<byte[]>> answering = new ConcurrentHashMap<>();

    // Guarded by `lock`.
    private List<Journal.Entry> entries = new ArrayList<>();
    private long removed;
    private int histories;
    private boolean away;
    private boolean losesAnswers;

    public LocalJournal(InstantSource clock) {
        this(clock, 900_000);
    }

    LocalJournal(InstantSource clock, int maxBytes) {
        this.clock = clock;
        this.maxBytes = maxBytes;
    }

    @Override
    public Journal open() {
        return new Connection();
    }

    /** What it holds. */
    List<Journal.Entry> copy() {
        return locked(() -> new ArrayList<>(entries));
    }

    /** Puts it back to {@code older}. */
    void restore(List<Journal.Entry> older) {
        locked(() -> {
            entries = new ArrayList<>(older);
            removed = older.isEmpty() ? 0 : older.getFirst().position() - 1;
            histories++;
            return changed(true);
        });
    }

    /** Removes what stands before {@code position}. */
    void trim(long position) {
        locked(() -> {
            removed = Math.clamp(position - 1, removed, last());
            entries.removeIf(each -> each.position() <= removed);
            return changed(true);
        });
    }

    /** Removes what stands at {@code position}, and nothing else. */
    void remove(long position) {
        locked(() -> changed(entries.removeIf(each -> each.position() == position)));
    }

    private long last() {
        return entries.isEmpty() ? removed : entries.getLast().position();
    }

    /** Where its nodes keep snapshots. */
    LocalSnapshots snapshots() {
        return snapshots;
    }

    /** Has it answer nothing and give nothing, or again. */
    void setAway(boolean whether) {
        locked(() -> {
            away = whether;
            return changed(true);
        });
    }

    /** Has it take what is appended without saying so, or again. */
    void loseAnswers(boolean whether) {
        locked(() -> losesAnswers = whether);
    }

    private boolean changed(boolean yes) {
        changed.signalAll();
        return yes;
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /** One node's. */
    private final class Connection implements Journal {
        private volatile boolean closed;
        private @Nullable Thread following;

        @Override
        public int maxBytes() {
            return maxBytes;
        }

        @Override
        public String durability() {
            return "memory";
        }

        @Override
        public Extent extent() throws IOException {
            lock.lock();
            try {
                check();
                return new Extent(removed + 1, last());
            } finally {
                lock.unlock();
            }
        }

        private void check() throws IOException {
            if (away) {
                throw new IOException("the journal is away");
            }
        }

        @Override
        public Optional<Entry> entry(long position) throws IOException {
            lock.lock();
            try {
                check();
                return entries.stream().filter(each -> each.position() >= position).findFirst();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Appended append(String id, byte[] group, Duration patience) throws InterruptedException {
            return append(-1, id, group, patience);
        }

        @Override
        public Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
            return append(last, id, group, patience);
        }

        private Appended append(long expected, String id, byte[] group, Duration patience) throws InterruptedException {
            long nanos = patience.toNanos();
            lock.lockInterruptibly();
            try {
                while (away) {
                    if (nanos <= 0) {
                        return new Appended.Unknown("the journal has not answered");
                    }
                    nanos = changed.awaitNanos(nanos);
                }
                long last = last();
                if (expected >= 0 && expected != last) {
                    return new Appended.Overtaken();
                }
                entries.add(new Entry(last + 1, id, clock.millis(), group));
                changed.signalAll();
                return losesAnswers ? new Appended.Unknown("the answer was lost") : new Appended.At(last + 1);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void follow(long after, @Nullable String id, Follower follower) {
            int history = locked(() -> histories);
            following = Thread.ofVirtual().start(() -> {
                try {
                    giveAll(history, after, id, follower);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private void giveAll(int history, long after, @Nullable String id, Follower follower) throws InterruptedException {
            long position = after;
            if (after > locked(() -> removed) && !holds(after, id)) {
                follower.lost("entry " + after + " is another one, or gone");
                return;
            }
            while (!closed) {
                List<Entry> next;
                lock.lockInterruptibly();
                try {
                    if (histories != history) {
                        follower.lost("it was put back to an older copy");
                        return;
                    }
                    if (position < removed) {
                        follower.lost("what came after " + position + " is gone");
                        return;
                    }
                    long given = position;
                    next = away ? List.of() : entries.stream().filter(each -> each.position() > given).limit(100).toList();
                    if (next.isEmpty()) {
                        changed.awaitNanos(LOOK_NANOS);
                    }
                } finally {
                    lock.unlock();
                }
                for (Entry entry : next) {
                    if (entry.position() != position + 1) {
                        follower.lost("what stood at " + (position + 1) + " is gone");
                        return;
                    }
                    follower.take(entry);
                    position = entry.position();
                }
            }
        }

        private boolean holds(long position, @Nullable String id) {
            return locked(() -> entries.stream().anyMatch(each -> each.position() == position && each.id().equals(id)));
        }

        @Override
        public Optional<Snapshots> snapshots() {
            return Optional.of(snapshots);
        }

        @Override
        public void trim(long position) {
            LocalJournal.this.trim(position);
        }

        @Override
        public Optional<JournalState> state() {
            return locked(() -> Optional.of(new JournalState("local", away ? "" : "local", "1", new Extent(1, entries.size()),
                    entries.isEmpty() ? 0 : entries.getLast().timeMillis(), 0, 1, List.of(), Duration.ZERO)));
        }

        @Override
        public Optional<String> trouble() {
            return locked(() -> away ? Optional.of("the journal is away") : Optional.empty());
        }

        @Override
        public void answerRollCall(Supplier<byte[]> answer) {
            answering.put(this, answer);
        }

        @Override
        public List<byte[]> callRoll(Duration patience) throws IOException {
            lock.lock();
            try {
                check();
            } finally {
                lock.unlock();
            }
            return answering.values().stream().map(Supplier::get).toList();
        }

        @Override
        public void close() {
            answering.remove(this);
            closed = true;
            Thread follower = following;
            if (follower != null) {
                follower.interrupt();
            }
        }
    }
}
