package dev.hark.load.drive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.HttpResponseDecoder;
import dev.hark.load.wire.ServerUrl;
import dev.hark.load.wire.SseListener;
import dev.hark.load.wire.SseScanner;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Publishes events, then brings many streams back at once with the id before them, and checks that each is
 * given every one, once and in order.
 *
 * <p>Confined to the thread that calls {@link #run}.
 */
public final class CatchUpRun {
    private static final int READ_BYTES = 64 * 1024;
    private static final int MAX_EVENT_BYTES = 2 << 20;
    private static final long SELECT_MILLIS = 100;
    private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(30);
    private static final byte[] GAP = "hark.gap".getBytes(StandardCharsets.US_ASCII);

    /** How many connections may be on their way at once: what a server's accept queue takes. */
    private static final int CONNECT_WINDOW = 1_000;

    private final CatchUpPlan plan;
    private final Failures failures = new Failures();
    private final SourceAddresses sources = new SourceAddresses();
    private final Histogram each = new Histogram(Deliveries.MAX_NANOS, 3);
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] read = new byte[READ_BYTES];
    private String id = "";
    private long begun;
    private byte[][] missed = {};
    private long startedNanos;
    private int connecting;
    private int over;
    private int caughtUp;
    private long delivered;
    private long unexpected;
    private long gaps;

    public CatchUpRun(CatchUpPlan plan) {
        this.plan = plan;
    }

    /**
     * Publishes, and brings the streams back.
     *
     * @throws IOException if the server does not take the events
     */
    public CatchUpResult run() throws IOException {
        publish();
        startedNanos = System.nanoTime();
        long until = startedNanos + plan.timeout().toNanos();
        try (Selector selector = Selector.open()) {
            while (over < plan.streams() && System.nanoTime() - until < 0) {
                while (begun < plan.streams() && connecting < CONNECT_WINDOW) {
                    begin(selector);
                }
                selector.select(this::onReady, SELECT_MILLIS);
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        }
        long took = over == caughtUp && caughtUp == plan.streams() ? each.getMaxValue() : System.nanoTime() - startedNanos;
        return new CatchUpResult(caughtUp, took, each, delivered, unexpected, gaps, failures.entries());
    }

    /** One event whose id the streams come back with, and those that they have missed. */
    private void publish() throws IOException {
        var ids = new ArrayList<byte[]>();
        var json = new ObjectMapper();
        String path = plan.target().publish().pathOf(plan.topic());
        URI uri = URI.create("http://" + Target.at(plan.target().publishNodes(), 0).authority() + path);
        HttpRequest.Builder builder = ServerUrl.of(uri).orElseThrow().request().timeout(PUBLISH_TIMEOUT);
        var headers = new ArrayList<>(plan.target().headers());
        headers.addAll(plan.target().publisherLines(List.of(plan.topic())));
        for (String header : headers) {
            int colon = header.indexOf(':');
            builder.header(header.substring(0, colon), header.substring(colon + 1).strip());
        }
        HttpRequest publish = builder.POST(HttpRequest.BodyPublishers.ofString("x".repeat(plan.payloadBytes()))).build();
        try (HttpClient client = ServerUrl.client().build()) {
            for (int i = 0; i <= plan.behind(); i++) {
                HttpResponse<String> answer = client.send(publish, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() / 100 != 2) {
                    throw new StatusException(
                            Failure.ofStatus(answer.statusCode()), "publishing was answered with status " + answer.statusCode());
                }
                JsonNode id = json.readTree(answer.body()).path("id");
                if (!id.isTextual()) {
                    throw new ProtocolException("the answer to a publish has no id: " + answer.body());
                }
                ids.add(id.asText().getBytes(StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while publishing", e);
        }
        id = new String(ids.getFirst(), StandardCharsets.UTF_8);
        List<byte[]> behind = ids.subList(1, ids.size());
        missed = behind.toArray(byte[][]::new);
    }

    private void begin(Selector selector) {
        long number = begun++;
        try {
            SocketChannel channel = sources.connect(Target.at(plan.target().nodes(), number).address(), 0);
            channel.register(selector, SelectionKey.OP_CONNECT, new Return(number));
            connecting++;
        } catch (IOException e) {
            failures.add(Failure.of(e), String.valueOf(e.getMessage()));
            over++;
        }
    }

    private void onReady(SelectionKey key) {
        Return stream = (Return) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                channel.write(ByteBuffer.wrap(plan.target().subscribeRequest(
                        Target.at(plan.target().nodes(), stream.number), stream.number, plan.topic(), id)));
                key.interestOps(SelectionKey.OP_READ);
                return;
            }
            direct.clear();
            int count = channel.read(direct);
            if (count < 0) {
                throw new IOException("the server ended a stream " + (missed.length - stream.next) + " events early");
            }
            direct.flip().get(read, 0, count);
            stream.decoder.feed(read, 0, count, stream);
            if (stream.next == missed.length && !stream.caughtUp) {
                // It stays open: what comes after the last event would be one too many.
                stream.caughtUp = true;
                caughtUp++;
                over++;
                each.recordValue(Math.clamp(System.nanoTime() - startedNanos, 0, Deliveries.MAX_NANOS));
            }
        } catch (StatusException e) {
            fail(key, stream, e.failure, e);
        } catch (IOException e) {
            fail(key, stream, Failure.of(e), e);
        }
    }

    private void fail(SelectionKey key, Return stream, Failure failure, IOException cause) {
        failures.add(failure, String.valueOf(cause.getMessage()));
        if (!stream.hasHead) {
            connecting--;
        }
        if (!stream.caughtUp) {
            over++;
        }
        try {
            key.channel().close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    /** One stream on its way to the newest event. */
    private final class Return implements HttpListener, SseListener {
        private final HttpResponseDecoder decoder = new HttpResponseDecoder();
        private final SseScanner scanner = new SseScanner(MAX_EVENT_BYTES);
        private final long number;
        private boolean hasHead;
        private boolean isNext;
        private boolean caughtUp;
        private int next;

        Return(long number) {
            this.number = number;
        }

        @Override
        public void onHead(HttpResponseDecoder response) throws ProtocolException {
            StatusException.requireStream(response);
            hasHead = true;
            connecting--;
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
            isNext = next < missed.length && Arrays.equals(missed[next], 0, missed[next].length, id, from, to);
        }

        @Override
        public void onEvent(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo) {
            if (Arrays.equals(GAP, 0, GAP.length, type, typeFrom, typeTo)) {
                gaps++;
            } else if (Deliveries.isOwn(type, typeFrom, typeTo)) {
                return;
            } else if (isNext) {
                next++;
                delivered++;
            } else {
                unexpected++;
            }
            isNext = false;
        }

        @Override
        public void onRetry(long retryMillis) {
            // A stream that ends has failed.
        }
    }
}
