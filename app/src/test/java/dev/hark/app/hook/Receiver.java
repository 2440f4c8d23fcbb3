package dev.hark.app.hook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A service that hooks call, which checks every signature as the specification says. Thread-safe. */
public final class Receiver implements AutoCloseable {
    public static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final byte[] KEY = Base64.getDecoder().decode(SECRET.substring("whsec_".length()));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile Function<Received, Reply> answers = call -> new Reply(204);

    /**
     * A call.
     *
     * @param genuine whether its signature is right, and its time is now
     * @param taken   whether it was answered with success
     */
    public record Received(String id, List<JsonNode> events, boolean genuine, boolean taken) {
        public List<String> types() {
            return events.stream().map(event -> event.path("type").asText()).toList();
        }

        public boolean isReset() {
            return types().contains("hook.reset");
        }
    }

    /**
     * @param headers name, value, name, value …
     */
    public record Reply(int status, List<String> headers) {
        public Reply(int status, String... headers) {
            this(status, List.of(headers));
        }
    }

    public Receiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hark-hook";
    }

    /** Answers from now on as {@code next} says, which may take its time. */
    public void answer(Function<Received, Reply> next) {
        answers = next;
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String id = exchange.getRequestHeaders().getFirst("webhook-id");
            List<JsonNode> events = new ArrayList<>();
            JSON.readTree(body).path("events").forEach(events::add);
            boolean genuine = isGenuine(id, exchange.getRequestHeaders().getFirst("webhook-timestamp"),
                    exchange.getRequestHeaders().getFirst("webhook-signature"), body);
            var untaken = new Received(id, events, genuine, false);
            Reply reply = answers.apply(untaken);
            received.add(new Received(id, events, genuine, reply.status() / 100 == 2));
            for (int i = 0; i < reply.headers().size(); i += 2) {
                exchange.getResponseHeaders().add(reply.headers().get(i), reply.headers().get(i + 1));
            }
            exchange.sendResponseHeaders(reply.status(), -1);
        }
    }

    private static boolean isGenuine(String id, String timestamp, String signature, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
            var signed = new ByteArrayOutputStream();
            signed.writeBytes((id + '.' + timestamp + '.').getBytes(US_ASCII));
            signed.writeBytes(body);
            byte[] expected = mac.doFinal(signed.toByteArray());
            boolean now = Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) < 300;
            return now && Arrays.stream(signature.split(" "))
                    .filter(each -> each.startsWith("v1,"))
                    .anyMatch(each -> MessageDigest.isEqual(Base64.getDecoder().decode(each.substring("v1,".length())), expected));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All calls, in the order in which they were answered. */
    public List<Received> calls() {
        return List.copyOf(received);
    }

    /** The events of the calls that were taken, each as its type, its topic and its reason, where it has them. */
    public List<String> told() {
        return calls().stream().filter(Received::taken).flatMap(call -> call.events().stream()).map(Receiver::text).toList();
    }

    static String text(JsonNode event) {
        var text = new StringBuilder(event.path("type").asText());
        for (String name : List.of("topic", "reason", "status")) {
            if (event.hasNonNull(name)) {
                text.append(' ').append(event.path(name).asText());
            }
        }
        return text.toString();
    }

    public void awaitTold(String event) {
        await(event).atMost(PATIENCE).until(() -> told().contains(event));
    }

    public void awaitCalls(Predicate<List<Received>> expected) {
        await().atMost(PATIENCE).until(() -> expected.test(calls()));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
