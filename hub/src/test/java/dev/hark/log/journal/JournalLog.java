package dev.hark.log.journal;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.ClassUse;
import dev.hark.log.Capabilities;
import dev.hark.log.Capability;
import dev.hark.log.DraftBatch;
import dev.hark.log.EventLog;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One node's log where a {@link Journal} that others share orders, and a {@link Replica} of the node's own keeps, both in memory: the form
 * of an engine for several nodes.
 *
 * <p>A publisher's batch is a group; its answer is what placing made of it here. One thread applies groups, the follower. Thread-safe.
 */
public final class JournalLog implements EventLog {
    private final Journal journal;
    private final LogConfig config;
    private final InstantSource clock;
    private final Capabilities capabilities;
    private final Tail tail;
    private final Thread follower;

    /** Who waits until this node has applied its group. */
    private final ConcurrentMap<Object, CompletableFuture<Append>> waiting = new ConcurrentHashMap<>();

    /** Held by the follower while it applies groups, or by a test that has this node lag behind. */
    private final Semaphore gate = new Semaphore(1);

    /** Held by whoever searches, or by a test that has searches take their time. */
    private final Semaphore searches = new Semaphore(1);

    private volatile Replica replica;
    private volatile long maintainedMillis;
    private volatile boolean closed;

    private JournalLog(Journal journal, LogConfig config, InstantSource clock, Duration behind, Journal.News begun) {
        this.journal = journal;
        this.config = config;
        this.clock = clock;
        this.capabilities =
                new Capabilities("memory", Set.of(Capability.WHOLE_BATCHES, Capability.KEY_WINDOW, Capability.RETENTION), behind);
        this.replica = new Replica(begun.history(), config);
        begun.groups().forEach(replica::apply);
        this.tail = new Tail(begun.history().epoch(), replica.bounds(), config.hot());
        this.maintainedMillis = clock.millis();
        this.follower = Thread.ofPlatform().name("journal-follower").daemon().unstarted(this::follow);
    }

    /**
     * A node that has applied all that {@code journal} holds.
     *
     * @param behind by how much it declares that it may lag
     */
    public static JournalLog open(Journal journal, LogConfig config, InstantSource clock, Duration behind) throws InterruptedException {
        var log = new JournalLog(journal, config, clock, behind, journal.await(-1, 0, 0));
        log.follower.start();
        return log;
    }

    /** Has this node apply nothing, until {@link #letGo}. */
    public void hold() {
        gate.acquireUninterruptibly();
    }

    public void letGo() {
        gate.release();
    }

    /** Has {@link #since} and {@link #back} wait, until {@link #letSearchesGo}. */
    public void holdSearches() {
        searches.acquireUninterruptibly();
    }

    /** How many searches wait. */
    public int heldSearches() {
        return searches.getQueueLength();
    }

    public void letSearchesGo() {
        searches.release();
    }

    private void follow() {
        try {
            while (!closed) {
                journal.await(replica.history().number(), replica.applied(), Journal.LOOK_NANOS);
                gate.acquire();
                try {
                    Journal.News news = journal.await(replica.history().number(), replica.applied(), 0);
                    if (news.history().number() == replica.history().number()) {
                        news.groups().forEach(this::apply);
                    } else {
                        change(news);
                    }
                } finally {
                    gate.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void apply(Journal.Group group) {
        Replica.Applied applied = replica.apply(group);
        tail.commit(applied.events(), replica.bounds().floor(), () -> answer(group.ticket(), applied.answer()));
    }

    /** The new history first, then whoever follows is told; who published into it hears of that once it is there. */
    private void change(Journal.News news) {
        var fresh = new Replica(news.history(), config);
        Map<Object, Append> answers = new LinkedHashMap<>();
        news.groups().forEach(group -> answers.put(group.ticket(), fresh.apply(group).answer()));
        replica = fresh;
        tail.reset(news.history().epoch(), fresh.bounds());
        answers.forEach(this::answer);
    }

    private void answer(Object ticket, Append append) {
        CompletableFuture<Append> mine = waiting.remove(ticket);
        if (mine != null) {
            mine.complete(append);
        }
    }

    @Override
    public Append append(List<Draft> batch) {
        return submit(DraftBatch.of(batch));
    }

    private Append submit(@Nullable DraftBatch batch) {
        if (closed) {
            return new Append.Unavailable("the log is closed");
        }
        var ticket = new Object();
        var answer = new CompletableFuture<Append>();
        waiting.put(ticket, answer);
        try {
            Journal.History history = journal.append(clock.millis(), batch, ticket);
            long deadline = System.nanoTime() + config.stall().toNanos();
            while (System.nanoTime() < deadline) {
                // Looked at before the answer: what was applied is answered.
                boolean over = closed || replica.history().number() > history.number();
                try {
                    return answer.get(over ? 0 : Journal.LOOK_NANOS, TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (over) {
                        return new Append.Unknown(closed ? "the log is closed" : "the journal got another history");
                    }
                }
            }
            return new Append.Unknown("this node does not follow");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Append.Unknown("interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            waiting.remove(ticket);
        }
    }

    @Override
    public Tail tail() {
        return tail;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Page read(long after, Filters filters, int limit) {
        Replica current = replica;
        return current.ring().read(current.history().epoch(), after, filters, limit);
    }

    @Override
    public Page follow(long after) {
        return read(after, Filters.ALL, MAX_PAGE_EVENTS);
    }

    @Override
    public Since since(long timeMillis) {
        searches.acquireUninterruptibly();
        try {
            return replica.ring().since(timeMillis);
        } finally {
            searches.release();
        }
    }

    @Override
    public Back back(Back search, Filters filters) {
        searches.acquireUninterruptibly();
        try {
            return replica.ring().back(search, filters);
        } finally {
            searches.release();
        }
    }

    /** Time passes for all nodes at the same point of the journal, and not on each by its own clock: what they retain stays equal. */
    @Override
    public Page latest(long after, long through, Filters filters, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<ClassUse> kept() {
        return List.of();
    }

    @Override
    public void maintain() {
        long now = clock.millis();
        if (now != maintainedMillis) {
            maintainedMillis = now;
            submit(null);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
