package dev.hark.load.nullhub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * A server that only writes: it gives each event an id, puts it in a frame once and writes the frame to every stream of the topic, a chunk
 * each. Topics
 * are matched literally; the last 65,536 events can be resumed from. Listens on loopback only. Several may share one order, as the nodes of
 * a cluster do.
 *
 * <p>One thread from {@link #start} to {@link #close}; both are safe from any thread.
 */
public final class NullHub implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final int READ_BYTES = 64 * 1024;
    private static final List<String> STREAM_HEAD = List.of(
            "HTTP/1.1 200 OK", "Content-Type: text/event-stream;charset=utf-8", "Cache-Control: no-cache, no-transform",
            "Transfer-Encoding: chunked", "Connection: close", "", "");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Delivery delivery;
    private final Selector selector;
    private final ServerSocketChannel server;
    private final Map<String, List<HubConnection>> topics = new HashMap<>();
    private final SharedOrder order;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] read = new byte[READ_BYTES];
    private final Thread thread;
    /** Up to here events were given to streams. */
    private long delivered;
    private int streams;
    private volatile boolean closing;

    private NullHub(Delivery delivery, int port, SharedOrder order) throws IOException {
        this.delivery = delivery;
        this.order = order;
        delivered = order.lastSequence();
        selector = Selector.open();
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
        thread = Thread.ofPlatform().daemon().name("null-hub").unstarted(this::run);
    }

    /** Starts a hub; port 0 takes a free one. */
    public static NullHub start(Delivery delivery, int port) throws IOException {
        return start(delivery, port, new SharedOrder());
    }

    /** Starts one that shares its order with others. */
    public static NullHub start(Delivery delivery, int port, SharedOrder order) throws IOException {
        var hub = new NullHub(delivery, port, order);
        order.follow(hub.selector::wakeup);
        hub.thread.start();
        return hub;
    }

    /** {@code http://127.0.0.1:port}. */
    public String url() {
        return "http://127.0.0.1:" + server.socket().getLocalPort();
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closing) {
                selector.select(this::onReady);
                deliverAll();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("null hub", e);
        }
    }

    private void onReady(SelectionKey key) {
        if (key.isAcceptable()) {
            acceptAll();
            return;
        }
        HubConnection connection = (HubConnection) key.attachment();
        try {
            if (key.isWritable()) {
                connection.flush();
            }
            if (key.isReadable()) {
                onReadable(connection, (SocketChannel) key.channel());
            }
        } catch (IOException e) {
            leave(connection);
        }
    }

    private void acceptAll() {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                channel.configureBlocking(false);
                channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new HubConnection(key));
            }
        } catch (IOException e) {
            // Out of descriptors, most likely: the client sees it and says so.
        }
    }

    private void onReadable(HubConnection connection, SocketChannel channel) throws IOException {
        direct.clear();
        int count = channel.read(direct);
        if (count < 0) {
            leave(connection);
            return;
        }
        direct.flip().get(read, 0, count);
        connection.received(read, count);
        for (HubRequest request = connection.next(); request != null; request = connection.next()) {
            answer(connection, request);
        }
    }

    private void leave(HubConnection connection) {
        String topic = connection.topic();
        if (topic != null) {
            topics.getOrDefault(topic, List.of()).remove(connection);
        }
        connection.close();
    }

    private void answer(HubConnection connection, HubRequest request) throws IOException {
        if (request.isPublish()) {
            long before = order.lastSequence();
            String body = request.topic().isEmpty() ? publishAll(request.body()) : publish(request.topic(), request.body(), request.key());
            if (delivery.breaksAfter(before + 1)) {
                throw new IOException("stored, and never answered");
            }
            connection.send(bytes(
                    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
            return;
        }
        connection.send(bytes(String.join("\r\n", STREAM_HEAD)));
        // Another hub of the same order may have given an id that this one has not come to yet.
        deliverAll();
        long last = request.lastSequence(delivered);
        String position = SharedOrder.EPOCH + "-" + last;
        connection.send(Chunk.of("retry: 100\nevent: hark.open\nid: " + position + "\ndata: {\"position\":\"" + position + "\"}\n\n"));
        connection.subscribe(streams++, request.topic());
        topics.computeIfAbsent(request.topic(), topic -> new ArrayList<>()).add(connection);
        long from = delivery.resumeFrom(connection.stream(), last);
        for (long sequence = Math.max(from, delivered - SharedOrder.LOG_EVENTS + 1); sequence <= delivered; sequence++) {
            SharedOrder.Event event = order.at(sequence);
            if (event != null && event.topic().equals(request.topic())) {
                deliver(connection, event);
            }
        }
    }

    private String publishAll(byte[] lines) throws IOException {
        var ids = new StringJoiner(",", "{\"events\":[", "]}");
        try (MappingIterator<JsonNode> events = JSON.readerFor(JsonNode.class).readValues(lines)) {
            while (events.hasNext()) {
                JsonNode event = events.next();
                ids.add(publish(event.path("topic").asText(), event.path("data").asText().getBytes(StandardCharsets.UTF_8),
                        event.path("idempotencyKey").asText("")));
            }
        }
        return ids.toString();
    }

    /** What the publisher is answered. */
    private String publish(String topic, byte[] data, String key) {
        long sequence = order.append(topic, data, key.isEmpty() || !delivery.knowsKeys() ? null : key);
        deliverAll();
        order.tellFollowers();
        return "{\"id\":\"" + SharedOrder.EPOCH + "-" + sequence + "\"}";
    }

    /** Gives to this hub's streams what there is of the order, whoever published it. */
    private void deliverAll() {
        for (long last = order.lastSequence(); delivered < last; ) {
            SharedOrder.Event event = order.at(++delivered);
            if (event == null) {
                continue;
            }
            delivery.beforeEvent(event.sequence());
            for (HubConnection each : List.copyOf(topics.getOrDefault(event.topic(), List.of()))) {
                deliver(each, event);
            }
        }
    }

    private void deliver(HubConnection connection, SharedOrder.Event event) {
        try {
            delivery.deliver(connection.stream(), event.sequence(), event.frame(), connection);
            if (delivery.endsAfter(connection.stream(), event.sequence())) {
                leave(connection);
            }
        } catch (java.io.UncheckedIOException e) {
            leave(connection);
        }
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
