package dev.hark.app.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A hub that gives prepared answers, one after the other, and remembers what it was asked. */
final class FakeHub implements AutoCloseable {
    /** What it was asked. */
    record Asked(
            String method, String uri, @Nullable String host, @Nullable String lastEventId, @Nullable String idempotencyKey, String body) {}

    /** What it answers. */
    record Answer(int status, String type, String body, List<String> headers, boolean ends) {
        Answer(int status, String type, String body, List<String> headers) {
            this(status, type, body, headers, true);
        }

        static Answer stream(String body) {
            return new Answer(200, "text/event-stream", body, List.of());
        }

        /** A stream on which nothing follows {@code body}, not even its end. */
        static Answer silence(String body) {
            return new Answer(200, "text/event-stream", body, List.of(), false);
        }

        static Answer json(int status, String body) {
            return new Answer(status, "application/json", body, List.of());
        }

        static Answer nothingMore() {
            return new Answer(204, "text/plain", "", List.of());
        }
    }

    final List<Asked> asked = new CopyOnWriteArrayList<>();

    private final Queue<Answer> answers;
    private final HttpServer server;

    FakeHub(Answer... answers) {
        this.answers = new ArrayDeque<>(Arrays.asList(answers));
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (answered(exchange).ends()) {
            exchange.close();
        } else {
            exchange.getResponseBody().flush();
        }
    }

    private synchronized Answer answered(HttpExchange exchange) throws IOException {
        asked.add(new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toASCIIString(),
                exchange.getRequestHeaders().getFirst("Host"),
                exchange.getRequestHeaders().getFirst("Last-Event-ID"),
                exchange.getRequestHeaders().getFirst("Idempotency-Key"),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        Answer answer = answers.isEmpty() ? Answer.nothingMore() : answers.remove();
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        for (int i = 0; i < answer.headers().size(); i += 2) {
            exchange.getResponseHeaders().set(answer.headers().get(i), answer.headers().get(i + 1));
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), !answer.ends() ? 0 : body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        return answer;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
