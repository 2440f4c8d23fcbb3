package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Publications;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.HttpResponseDecoder;
import dev.hark.load.wire.Stamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One connection that publishes: requests go out in the order of their events and are answered in that
 * order, each with one event or a batch. With retries what broke, or met an error that may pass, is sent again, before anything else.
 *
 * <p>Confined to the publisher's thread.
 */
final class PublishConnection implements HttpListener {
    /** Events that are due but wait for this connection; one that finds it full is never sent. */
    private static final int MAX_WAITING = 65_536;

    private static final long RECONNECT_NANOS = 100_000_000;

    /** Where retries are made, a node that has not answered for so long is left. A hub says by itself after 10 s that it does not know. */
    private static final long ANSWER_NANOS = 15_000_000_000L;

    private static final int MAX_ANSWER_BYTES = 128 * 1024;

    private final Target target;
    private final boolean retries;
    private final Publications publications;
    private final Tally tally;
    private final Failures failures;
    private final IntRing waiting = new IntRing(MAX_WAITING);
    private final IntRing unanswered;
    /** How many of the unanswered events each request holds. */
    private final IntRing requests;
    /** What has to be sent again: the events of one request. */
    private final IntRing again;
    private final int batch;
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream(256);

    private @Nullable SelectionKey key;
    private boolean connected;
    private HttpResponseDecoder decoder = new HttpResponseDecoder();
    private @Nullable ByteBuffer unwritten;
    private long reconnectAtNanos = Long.MIN_VALUE;
    private long readNanos;
    private boolean everAnswered;
    private long openedNanos;
    private boolean refusing;
    /** Its node: it moves on when a connection breaks. */
    private long turn;
    private boolean resending;
    private boolean leaving;
    private long lastNanos;

    /** @param turn with which node it begins */
    PublishConnection(Target target, long turn, Publications publications, PublishPlan plan, Tally tally, Failures failures) {
        this.target = target;
        this.turn = turn;
        retries = plan.retries();
        this.publications = publications;
        this.tally = tally;
        this.failures = failures;
        batch = plan.batch();
        unanswered = new IntRing(plan.pipeline() * batch);
        requests = new IntRing(plan.pipeline());
        again = new IntRing(batch);
    }

    /** Which of the target's nodes it publishes to. */
    int node() {
        return (int) (turn % target.publishNodes().size());
    }

    boolean isIdle() {
        return waiting.size() == 0 && isAtRest();
    }

    /** Whether all that was sent has been answered. */
    private boolean isAtRest() {
        return unanswered.size() == 0 && again.size() == 0 && unwritten == null;
    }

    boolean isConnected() {
        return connected;
    }

    /** Whether this connection has answered at all, ever. */
    boolean everAnswered() {
        return everAnswered;
    }

    boolean hasUnanswered() {
        return unanswered.size() > 0;
    }

    /**
     * Queues an event; false if too many wait already.
     *
     * @param begins whether it is the first of its batch, which is taken or refused as a whole: all of it has one due time
     */
    boolean offer(int event, boolean begins) {
        if (begins) {
            refusing = waiting.size() + batch > MAX_WAITING;
        }
        return !refusing && waiting.offer(event);
    }

    /**
     * How many events the next request may hold now; 0 for no request. They are to be taken, and {@link #send sent}.
     *
     * @param all whether no more events come, so that a short batch goes too
     */
    int ready(boolean all) {
        boolean free = connected && unwritten == null && !requests.isFull();
        resending = free && again.size() > 0;
        if (resending) {
            return again.size();
        }
        return free && (all || waiting.size() >= batch) ? Math.min(waiting.size(), batch) : 0;
    }

    /** The next event of the next request. */
    int take() {
        int event = resending ? again.remove() : waiting.remove();
        unanswered.offer(event);
        return event;
    }

    void connectIfNeeded(Selector selector, SourceAddresses sources, long nowNanos) {
        if (retries && key != null && (unanswered.size() > 0 || !connected) && nowNanos - lastNanos > ANSWER_NANOS) {
            onBroken(Failure.TIMEOUT, "no answer for " + ANSWER_NANOS / 1_000_000_000 + " s");
        }
        if (key != null || (reconnectAtNanos != Long.MIN_VALUE && nowNanos - reconnectAtNanos < 0)) {
            return;
        }
        try {
            SocketChannel channel = sources.connect(Target.at(target.publishNodes(), turn).address(), 0);
            key = channel.register(selector, SelectionKey.OP_CONNECT, this);
            decoder = new HttpResponseDecoder();
            openedNanos = nowNanos;
            lastNanos = nowNanos;
        } catch (IOException e) {
            onBroken(Failure.of(e), e.getMessage());
        }
    }

    /** Sends a request that {@link #ready} allowed, with the events that were taken last. */
    void send(int events, ByteBuffer request) {
        long now = System.nanoTime();
        lastNanos = now;
        if (resending) {
            tally.add(Count.RETRIED, events);
        } else {
            for (int i = unanswered.size() - events; i < unanswered.size(); i++) {
                publications.onSent(unanswered.get(i), now);
            }
            tally.add(Count.SENT, events);
        }
        requests.offer(events);
        try {
            channel().write(request);
            if (request.hasRemaining()) {
                unwritten = ByteBuffer.allocate(request.remaining()).put(request).flip();
                watch(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
        } catch (IOException e) {
            onBroken(Failure.of(e), e.getMessage());
        }
    }

    void onReady(SelectionKey ready, ByteBuffer direct, byte[] bytes) {
        try {
            if (ready.isConnectable()) {
                channel().finishConnect();
                connected = true;
                watch(SelectionKey.OP_READ);
                return;
            }
            if (ready.isWritable()) {
                onWritable();
            }
            if (ready.isReadable()) {
                onReadable(direct, bytes);
            }
        } catch (IOException e) {
            onBroken(Failure.of(e), e.getMessage());
        }
    }

    private void onWritable() throws IOException {
        ByteBuffer rest = unwritten;
        if (rest != null) {
            channel().write(rest);
        }
        if (rest == null || !rest.hasRemaining()) {
            unwritten = null;
            watch(SelectionKey.OP_READ);
        }
    }

    private void onReadable(ByteBuffer direct, byte[] bytes) throws IOException {
        direct.clear();
        int count = channel().read(direct);
        readNanos = System.nanoTime();
        if (count < 0) {
            decoder.onClosed(this);
            if (isAtRest() && readNanos - openedNanos > RECONNECT_NANOS) {
                // Servers close connections on which nothing is asked. Not at once, so there is no pause before the next one.
                close();
                reconnectAtNanos = Long.MIN_VALUE;
                return;
            }
            onBroken(Failure.RESET, "the server closed a publishing connection");
            return;
        }
        direct.flip().get(bytes, 0, count);
        decoder.feed(bytes, 0, count, this);
        if (leaving) {
            leaving = false;
            moveOn();
        }
    }

    @Override
    public void onHead(HttpResponseDecoder response) {
        answer.reset();
    }

    @Override
    public void onBody(byte[] bytes, int from, int to) {
        if (answer.size() + to - from <= MAX_ANSWER_BYTES) {
            answer.write(bytes, from, to - from);
        }
    }

    @Override
    public void onEnd() {
        if (requests.size() == 0) {
            return;
        }
        everAnswered = true;
        int events = requests.remove();
        if (decoder.isSuccess()) {
            var ids = new PublishAnswer(answer.toByteArray());
            for (int i = 0; i < events; i++) {
                publications.onAcknowledged(unanswered.remove(), readNanos, target.isHark() ? ids.nextHash() : 0);
            }
            tally.add(Count.ACKNOWLEDGED, events);
        } else if (retries && mayPass(decoder.status())) {
            failures.add(Failure.ofStatus(decoder.status()), "publish: status " + decoder.status() + at());
            // Not here: the decoder is still at work.
            leaving = true;
        } else {
            for (int i = 0; i < events; i++) {
                publications.onRefused(unanswered.remove(), readNanos);
            }
            tally.add(Count.REFUSED, events);
            failures.add(Failure.ofStatus(decoder.status()), "publish: status " + decoder.status());
        }
    }

    private void onBroken(Failure failure, @Nullable String reason) {
        failures.add(failure, "publish: " + reason + at());
        tally.add(Count.BROKEN, 1);
        moveOn();
    }

    /** Which node it was, where there are several. */
    private String at() {
        return target.publishNodes().size() == 1 ? "" : " at " + Target.at(target.publishNodes(), turn).authority();
    }

    /** Goes on at the next node, a little later. */
    private void moveOn() {
        if (retries && unanswered.size() > 0) {
            tally.add(Count.PUBLISH_ERRORS, 1);
            while (unanswered.size() > 0) {
                again.offer(unanswered.remove());
            }
        }
        close();
        turn++;
        reconnectAtNanos = System.nanoTime() + RECONNECT_NANOS;
    }

    /** Answers after which the same request may be taken: the node is busy, ends, does not know, or has it under way. */
    private static boolean mayPass(int status) {
        return status >= 500 || status == 408 || status == 409 || status == 429;
    }

    /** Forgets what is unanswered, and not to be sent again: whether it was published is not known. */
    void close() {
        SelectionKey open = key;
        key = null;
        connected = false;
        unwritten = null;
        unanswered.clear();
        requests.clear();
        if (open != null) {
            try {
                open.channel().close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    private void watch(int operations) {
        SelectionKey open = key;
        if (open != null) {
            open.interestOps(operations);
        }
    }

    private SocketChannel channel() throws IOException {
        SelectionKey open = key;
        if (open == null) {
            throw new IOException("the publishing connection is closed");
        }
        return (SocketChannel) open.channel();
    }

    /** The ids in an answer, one after another, as hashes to be compared with what subscribers see. */
    private static final class PublishAnswer {
        private static final byte[] ID = {'"', 'i', 'd', '"'};

        private final byte[] json;
        private int at;

        PublishAnswer(byte[] json) {
            this.json = json;
        }

        /** The hash of the value of the next {@code "id"}, or 0 if there is none. */
        long nextHash() {
            for (; at + ID.length < json.length; at++) {
                if (java.util.Arrays.equals(ID, 0, ID.length, json, at, at + ID.length)) {
                    int open = indexOfQuote(at + ID.length);
                    int close = open < 0 ? -1 : indexOfQuote(open + 1);
                    at = close < 0 ? json.length : close + 1;
                    return close < 0 ? 0 : Stamp.hashOf(json, open + 1, close);
                }
            }
            return 0;
        }

        private int indexOfQuote(int from) {
            for (int i = from; i < json.length; i++) {
                if (json[i] == '"') {
                    return i;
                }
            }
            return -1;
        }
    }
}
