package dev.hark.load.drive;

import dev.hark.load.measure.ServerProbe;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.HttpResponseDecoder;
import dev.hark.load.wire.SseListener;
import dev.hark.load.wire.SseScanner;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Opens streams and leaves each as soon as its start is confirmed, a bounded number at a time.
 *
 * <p>Confined to the thread that calls {@link #run}.
 */
public final class ChurnRun {
    private static final int READ_BYTES = 16 * 1024;
    private static final int MAX_EVENT_BYTES = 1 << 20;
    private static final long SELECT_MILLIS = 100;
    private static final long LOOK_NANOS = 20_000_000;

    private final ChurnPlan plan;
    private final Failures failures = new Failures();
    private final SourceAddresses sources = new SourceAddresses();
    private final Histogram connect = new Histogram(Deliveries.MAX_NANOS, 3);
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] read = new byte[READ_BYTES];
    private long begun;
    private int open;
    private int completed;

    public ChurnRun(ChurnPlan plan) {
        this.plan = plan;
    }

    /** Runs all cycles, or as many as the timeout allows. */
    public ChurnResult run() throws IOException {
        Optional<ServerProbe> server = new ServerWatch(plan.serverPids(), List.of()).probe();
        Optional<ServerProbe.Sample> before = server.flatMap(ServerProbe::sample);
        long started = System.nanoTime();
        try (Selector selector = Selector.open()) {
            cycle(selector, started + plan.timeout().toNanos());
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        }
        long took = System.nanoTime() - started;
        return new ChurnResult(completed, took, connect, kept(server, before), failures.entries());
    }

    private void cycle(Selector selector, long untilNanos) throws IOException {
        while ((begun < plan.cycles() || open > 0) && System.nanoTime() - untilNanos < 0) {
            while (begun < plan.cycles() && open < plan.atOnce()) {
                begin(selector);
            }
            selector.select(this::onReady, SELECT_MILLIS);
        }
    }

    /** What the server still holds, after it had time to let go. */
    private Optional<ChurnResult.Kept> kept(Optional<ServerProbe> server, Optional<ServerProbe.Sample> before) {
        if (server.isEmpty() || before.isEmpty()) {
            return Optional.empty();
        }
        long until = System.nanoTime() + plan.settle().toNanos();
        Optional<ServerProbe.Sample> now = server.get().sample();
        while (now.isPresent() && now.get().descriptors() > before.get().descriptors() && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
            now = server.get().sample();
        }
        return now.map(after -> new ChurnResult.Kept(
                after.threads() - before.get().threads(),
                after.descriptors() - before.get().descriptors(),
                after.memoryBytes() - before.get().memoryBytes()));
    }

    private void begin(Selector selector) {
        long number = begun++;
        try {
            SocketChannel channel = sources.connect(Target.at(plan.target().nodes(), number).address(), 0);
            channel.register(selector, SelectionKey.OP_CONNECT, new Visit(number));
            open++;
        } catch (IOException e) {
            failures.add(Failure.of(e), String.valueOf(e.getMessage()));
        }
    }

    private void onReady(SelectionKey key) {
        Visit visit = (Visit) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                channel.write(ByteBuffer.wrap(plan.target().subscribeRequest(
                        Target.at(plan.target().nodes(), visit.number), visit.number, plan.topic(), null)));
                key.interestOps(SelectionKey.OP_READ);
                return;
            }
            direct.clear();
            int count = channel.read(direct);
            if (count < 0) {
                throw new IOException("the server closed the connection before the stream's start");
            }
            direct.flip().get(read, 0, count);
            visit.decoder.feed(read, 0, count, visit);
            if (visit.started) {
                connect.recordValue(Math.clamp(System.nanoTime() - visit.begunNanos, 0, Deliveries.MAX_NANOS));
                completed++;
                leave(channel);
            }
        } catch (StatusException e) {
            failures.add(e.failure, String.valueOf(e.getMessage()));
            leave(channel);
        } catch (IOException e) {
            failures.add(Failure.of(e), String.valueOf(e.getMessage()));
            leave(channel);
        }
    }

    private void leave(SocketChannel channel) {
        open--;
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    /** One connection on its way to its stream's start. */
    private final class Visit implements HttpListener, SseListener {
        private final HttpResponseDecoder decoder = new HttpResponseDecoder();
        private final SseScanner scanner = new SseScanner(MAX_EVENT_BYTES);
        private final long begunNanos = System.nanoTime();
        private final long number;
        private boolean started;

        Visit(long number) {
            this.number = number;
        }

        @Override
        public void onHead(HttpResponseDecoder response) throws ProtocolException {
            StatusException.requireStream(response);
            started = !plan.target().isHark();
        }

        @Override
        public void onBody(byte[] bytes, int from, int to) throws ProtocolException {
            scanner.feed(bytes, from, to, this);
        }

        @Override
        public void onEnd() {
            // The end of the connection follows.
        }

        @Override
        public void onId(byte[] id, int from, int to) {
            // A refusal has one too.
        }

        @Override
        public void onEvent(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo) {
            started |= Deliveries.equal(Deliveries.OPEN, type, typeFrom, typeTo);
        }

        @Override
        public void onRetry(long retryMillis) {
            // Every visit is the last.
        }
    }
}
