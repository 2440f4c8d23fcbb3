package dev.hark.load.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A small server that is subscribed to and published to as another kind of server is; it refuses requests that its model would refuse. */
final class LookAlike implements AutoCloseable {
    static final String KEY = "s3cret";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, List<HttpExchange>> streams = new ConcurrentHashMap<>();

    private LookAlike() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
    }

    /** One path for all: {@code GET} with a query subscribes, a form with a key publishes. */
    static LookAlike mercure() throws IOException {
        var hub = new LookAlike();
        hub.server.createContext("/.well-known/mercure", exchange -> {
            if (exchange.getRequestMethod().equals("GET")) {
                hub.open(exchange, form(exchange.getRequestURI().getRawQuery()).get("topic"));
            } else if (!has(exchange, "Authorization", "Bearer " + KEY)) {
                answer(exchange, 401);
            } else if (!has(exchange, "Content-Type", "application/x-www-form-urlencoded")) {
                answer(exchange, 415);
            } else {
                Map<String, String> said = form(body(exchange));
                hub.push(said.getOrDefault("topic", ""), "id: urn:uuid:" + UUID.randomUUID() + "\ndata: " + said.get("data") + "\n\n");
                answer(exchange, 200);
            }
        });
        hub.server.start();
        return hub;
    }

    /**
     * Publishing by {@code PUT} with JSON, as to Pushpin, whose content goes out as it is; subscribing by {@code POST} with
     * JSON, as to Centrifugo.
     */
    static LookAlike json() throws IOException {
        var hub = new LookAlike();
        hub.server.createContext("/connection", exchange -> {
            boolean isPost = exchange.getRequestMethod().equals("POST") && has(exchange, "Content-Type", "application/json");
            hub.open(exchange, isPost ? tree(exchange).path("subs").fieldNames().next() : null);
        });
        hub.server.createContext("/publish", exchange -> {
            if (!has(exchange, "X-API-Key", KEY)) {
                answer(exchange, 401);
            } else if (!exchange.getRequestMethod().equals("PUT") || !has(exchange, "Content-Type", "application/json")) {
                answer(exchange, 400);
            } else {
                JsonNode item = tree(exchange).path("items").path(0);
                hub.push(item.path("channel").asText(), item.at("/formats/http-stream/content").asText());
                answer(exchange, 202);
            }
        });
        hub.server.start();
        return hub;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void open(HttpExchange exchange, @Nullable String topic) throws IOException {
        if (topic == null || !has(exchange, "Accept", "text/event-stream")) {
            answer(exchange, 400);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        synchronized (exchange) {
            // A client that has the head may rely on what is published from then on.
            streams.computeIfAbsent(topic, missing -> new CopyOnWriteArrayList<>()).add(exchange);
            write(exchange, ":\n");
        }
    }

    private void push(String topic, String block) {
        for (HttpExchange stream : streams.getOrDefault(topic, List.of())) {
            synchronized (stream) {
                try {
                    write(stream, block);
                } catch (IOException e) {
                    streams.getOrDefault(topic, List.of()).remove(stream);
                }
            }
        }
    }

    private static void write(HttpExchange stream, String text) throws IOException {
        OutputStream out = stream.getResponseBody();
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    /** Whether this header came, once, and with this value. */
    private static boolean has(HttpExchange exchange, String name, String value) {
        return List.of(value).equals(exchange.getRequestHeaders().get(name));
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    }

    private static JsonNode tree(HttpExchange exchange) throws IOException {
        return new ObjectMapper().readTree(body(exchange));
    }

    private static Map<String, String> form(@Nullable String text) {
        return Stream.of(text == null ? "" : text)
                .flatMap(all -> Stream.of(all.split("&")))
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], UTF_8)));
    }
}
