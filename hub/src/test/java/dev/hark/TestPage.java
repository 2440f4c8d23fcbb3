package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** A request for a page without a socket: a virtual thread that asks for it, and what its client reads of the JSON. Thread-safe. */
final class TestPage {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CompletableFuture<PageAnswer> answer = new CompletableFuture<>();
    private final CompletableFuture<JsonNode> body = new CompletableFuture<>();
    private final AtomicReference<Runnable> gone = new AtomicReference<>();
    private final Thread thread;

    private TestPage(Hub hub, PageRequest request) {
        this.thread = Thread.ofVirtual().unstarted(() -> run(hub, request));
    }

    static TestPage ask(Hub hub, Start start, String... filters) {
        return ask(hub, PageRequest.DEFAULT_LIMIT, Duration.ZERO, start, filters);
    }

    static TestPage ask(Hub hub, int limit, Duration wait, Start start, String... filters) {
        return ask(hub, new PageRequest(new Subscription(Filters.of(filters), start, Format.ENVELOPE), limit, wait));
    }

    static TestPage ask(Hub hub, PageRequest request) {
        var page = new TestPage(hub, request);
        page.thread.start();
        return page;
    }

    private void run(Hub hub, PageRequest request) {
        try {
            PageAnswer given = hub.page(request, gone::set);
            if (given instanceof PageAnswer.Given(var page)) {
                try (page) {
                    body.complete(JSON.readTree(page.json(request.subscription().format())));
                }
            }
            answer.complete(given);
        } catch (Throwable e) {
            body.completeExceptionally(e);
            answer.completeExceptionally(e);
        }
    }

    boolean isAnswered() {
        return answer.isDone();
    }

    /** Whether it has said that its client waits. */
    boolean isWatched() {
        return gone.get() != null;
    }

    void clientGone() {
        gone.get().run();
    }

    void interrupt() {
        thread.interrupt();
    }

    PageAnswer answer() {
        return get(answer);
    }

    JsonNode json() {
        assertThat(answer()).isInstanceOf(PageAnswer.Given.class);
        return get(body);
    }

    /** How it failed. */
    Throwable failure() {
        try {
            throw new AssertionError("answered with " + answer.get(20, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    List<Long> sequences() {
        var sequences = new ArrayList<Long>();
        json().path("events").forEach(event -> sequences.add(TestStream.sequence(event.path("id").asText())));
        return sequences;
    }

    String next() {
        return json().path("next").asText();
    }

    long position() {
        return TestStream.sequence(next());
    }

    /** The reason, the id after which something is missing, and up to which: {@code null} where nothing is. */
    String gap() {
        JsonNode gap = json().path("gap");
        assertThat(gap.isMissingNode()).isFalse();
        if (gap.isNull()) {
            return "null";
        }
        assertThat(gap.path("dropped").isNull()).isTrue();
        return gap.path("reason").asText() + " " + gap.path("after").asText() + " " + gap.path("resumedAt").asText();
    }

    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
