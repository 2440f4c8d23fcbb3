package dev.hark;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.CloseReason;
import dev.hark.event.EventId;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.EventStreamParser;
import dev.hark.event.Filters;
import dev.hark.fanout.Admission;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.StreamOutput;
import dev.hark.fanout.Subscriber;
import dev.hark.fanout.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A stream without a socket: a virtual thread that subscribes and is served, and what its client has read. The client can be told to read
 * no more for a while. Thread-safe.
 */
final class TestStream implements StreamOutput {
    private static final Set<String> POSITIONS = Set.of("hark.open", "hark.position");
    private static final Pattern DROPPED = Pattern.compile("\"dropped\":(\\d+)");
    private static final Pattern RESUMED_AT = Pattern.compile("\"resumedAt\":\"[a-z0-9]{8}-(\\d+)\"");
    private static final Pattern AFTER = Pattern.compile("\"after\":\"[a-z0-9]{8}-(\\d+)\"");

    /** Where a client stands that was given no id yet. */
    private static final long NOWHERE = -1;

    private volatile boolean standsStill;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;

    // Guarded by `lock`.
    private final EventStreamParser parser = new EventStreamParser();
    private final List<Message> messages = new ArrayList<>();
    private int seen;
    private final List<Moment> moments = new ArrayList<>();
    private int permits = Integer.MAX_VALUE;
    private boolean blocked;
    private int cuts;
    private boolean finished;
    private @Nullable String firstId;
    private @Nullable Subscriber subscriber;
    private @Nullable CloseReason refused;
    private boolean atEnd;
    private @Nullable StreamEnd end;
    private @Nullable Throwable failure;

    /**
     * Where the client stood after one write.
     *
     * @param messages how many of {@link #messages} it had seen
     * @param sequence of the id that it would resume with
     */
    record Moment(int messages, long sequence) {}

    private TestStream(Hub hub, Subscription subscription, int permits) {
        this.permits = permits;
        this.thread = Thread.ofVirtual().unstarted(() -> run(hub, subscription));
    }

    static TestStream open(Hub hub, Start start, String... filters) {
        return open(hub, Integer.MAX_VALUE, start, filters);
    }

    /** One whose client takes {@code writes} writes and then stalls. */
    static TestStream open(Hub hub, int writes, Start start, String... filters) {
        return open(hub, writes, new Subscription(Filters.of(filters), start));
    }

    static TestStream open(Hub hub, int writes, Subscription subscription) {
        var stream = new TestStream(hub, subscription, writes);
        stream.thread.start();
        return stream;
    }

    private void run(Hub hub, Subscription subscription) {
        try {
            switch (hub.subscribe(subscription)) {
                case Admission.Admitted(Subscriber admitted) -> {
                    set(() -> subscriber = admitted);
                    StreamEnd result = hub.serve(admitted, this);
                    set(() -> end = result);
                }
                case Admission.Ended ended -> set(() -> atEnd = true);
                case Admission.Refused(CloseReason reason, var closing, var detail) -> set(() -> {
                    parser.feed(closing.bytes(), 0, closing.length());
                    messages.addAll(parser.messages());
                    refused = reason;
                });
            }
        } catch (Throwable e) {
            set(() -> failure = e);
        }
    }

    private void set(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        while (standsStill) {
            Thread.onSpinWait();
        }
        lock.lock();
        try {
            blocked = permits == 0;
            changed.signalAll();
            while (permits == 0) {
                changed.await();
            }
            blocked = false;
            if (permits != Integer.MAX_VALUE) {
                permits--;
            }
            checkMargin(bytes, offset, length);
            parser.feed(bytes, offset, length);
            List<Message> all = parser.messages();
            all.subList(seen, all.size()).stream().filter(message -> !POSITIONS.contains(message.type())).forEach(messages::add);
            seen = all.size();
            // A stream whose start is still looked for has no id to give.
            if (firstId == null && !parser.lastEventId().isEmpty()) {
                firstId = parser.lastEventId();
            }
            moments.add(new Moment(messages.size(), parser.lastEventId().isEmpty() ? NOWHERE : sequence(parser.lastEventId())));
            changed.signalAll();
        } catch (InterruptedException e) {
            // As a socket does it.
            Thread.currentThread().interrupt();
            throw new IOException("closed by interrupt", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cut() {
        set(() -> cuts++);
    }

    /** Waits until it is answered that its topic has ended, and that there is nothing more. */
    void awaitAtEnd() {
        await("is at the end", stream -> stream.atEnd);
    }

    /** Whether it was answered that its topic has ended. */
    boolean isAtEnd() {
        return get(() -> atEnd);
    }

    /** Whether its output was cut, as a socket that is reset. */
    boolean wasCut() {
        return get(() -> cuts) > 0;
    }

    /** A chunk of RFC 9112, section 7.1: its size, itself, a line end. */
    private static void checkMargin(byte[] bytes, int offset, int length) {
        assertThat(new String(bytes, 0, offset, US_ASCII)).isEqualTo("%x\r\n", length);
        assertThat(new String(bytes, offset + length, 2, US_ASCII)).isEqualTo("\r\n");
    }

    @Override
    public void finish(byte[] bytes, int offset, int length) throws IOException {
        write(bytes, offset, length);
        set(() -> finished = true);
    }

    /** Whether a write does not get on that waits for nobody, as one whose thread has no processor. */
    void standStill(boolean still) {
        standsStill = still;
    }

    /** Lets the client take {@code count} more writes. */
    void permit(int count) {
        set(() -> permits = permits > Integer.MAX_VALUE - count ? Integer.MAX_VALUE : permits + count);
    }

    /** Lets the client read on without a limit. */
    void release() {
        set(() -> permits = Integer.MAX_VALUE);
    }

    /** Has the client read nothing more, from its next write on. */
    void stall() {
        set(() -> permits = 0);
    }

    TestStream await(String what, Predicate<TestStream> condition) {
        long nanos = TimeUnit.SECONDS.toNanos(60);
        lock.lock();
        try {
            while (!condition.test(this)) {
                if (failure != null) {
                    throw new AssertionError("the stream failed while waiting until it " + what, failure);
                }
                if (nanos <= 0) {
                    throw new AssertionError("waited in vain until it " + what + "; last id " + parser.lastEventId()
                            + ", " + messages.size() + " events, end " + end);
                }
                nanos = changed.awaitNanos(nanos);
            }
            return this;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            lock.unlock();
        }
    }

    TestStream awaitOpen() {
        return await("is open", stream -> stream.firstId != null || stream.refused != null);
    }

    TestStream awaitAdmitted() {
        return await("is admitted", stream -> stream.subscriber != null);
    }

    TestStream awaitBlocked() {
        return await("is blocked in a write", stream -> stream.blocked);
    }

    TestStream awaitMessages(int count) {
        return await("has " + count + " events", stream -> stream.messages.size() >= count);
    }

    TestStream awaitPosition(long sequence) {
        return await("is at position " + sequence, stream -> stream.firstId != null && sequence(stream.parser.lastEventId()) >= sequence);
    }

    StreamEnd awaitEnd() {
        await("ends", stream -> stream.end != null);
        try {
            assertThat(thread.join(Duration.ofSeconds(10))).as("its thread ended").isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return get(() -> end);
    }

    /** Waits until the stream is refused, and says why. */
    CloseReason awaitRefused() {
        await("is refused", stream -> stream.refused != null);
        return get(() -> refused);
    }

    void clientGone() {
        awaitAdmitted();
        get(() -> subscriber).clientGone();
    }

    void close(CloseReason reason) {
        awaitAdmitted();
        get(() -> subscriber).close(reason);
    }

    void cut(CloseReason reason) {
        awaitAdmitted();
        get(() -> subscriber).cut(reason);
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Whether its last bytes were said to be the last. */
    boolean isFinished() {
        return get(() -> finished);
    }

    boolean hasEnded() {
        return get(() -> end != null);
    }

    /** All events but those that say nothing but where the stream stands. */
    List<Message> messages() {
        return get(() -> List.copyOf(messages));
    }

    /** All events, those too that say nothing but where the stream stands. */
    List<Message> everything() {
        return get(parser::messages).stream().toList();
    }

    /** The positions of the events that were no control events, in the order in which they came. */
    List<Long> sequences() {
        return messages().stream()
                .filter(message -> !message.type().startsWith("hark.")).map(message -> own(message.lastEventId())).toList();
    }

    List<Message> control(String type) {
        return get(() -> parser.messages().stream().filter(message -> message.type().equals(type)).toList());
    }

    /** The types of the first {@code count} events, of all of them. */
    List<String> types(int count) {
        return get(() -> parser.messages().stream().limit(count).map(Message::type).toList());
    }

    List<Moment> moments() {
        return get(() -> List.copyOf(moments));
    }

    /** The id in the first block. */
    String firstId() {
        return get(() -> firstId);
    }

    /** Whether its thread waits, for a while at most. */
    boolean isWaiting() {
        return thread.getState() == Thread.State.TIMED_WAITING;
    }

    /** The position that the first block named. */
    long start() {
        return sequence(get(() -> firstId));
    }

    String lastEventId() {
        return get(parser::lastEventId);
    }

    String retry() {
        return get(parser::retry);
    }

    int comments() {
        return get(parser::comments);
    }

    int blocks() {
        return get(parser::blocks);
    }

    static long sequence(String id) {
        return EventId.parse(id).orElseThrow(() -> new AssertionError("no id: '" + id + "'")).sequence();
    }

    /** The position of the event with {@code id}, within a snapshot too. */
    static long own(String id) {
        EventId parsed = EventId.parse(id).orElseThrow(() -> new AssertionError("no id: '" + id + "'"));
        return parsed.isWithinSnapshot() ? parsed.within() : parsed.sequence();
    }

    /** What a {@code hark.gap} says was dropped. */
    static long dropped(Message gap) {
        Matcher matcher = DROPPED.matcher(gap.data());
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    static long resumedAt(Message gap) {
        return position(RESUMED_AT, gap);
    }

    static long after(Message gap) {
        return position(AFTER, gap);
    }

    private static long position(Pattern name, Message gap) {
        Matcher matcher = name.matcher(gap.data());
        assertThat(matcher.find()).as("%s in %s", name, gap.data()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private <T> T get(Supplier<@Nullable T> state) {
        lock.lock();
        try {
            return Objects.requireNonNull(state.get());
        } finally {
            lock.unlock();
        }
    }
}
