package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A publisher that never rests: numbers from 0, in turn to each of its topics. What a hub that goes away did not answer is published again,
 * under the same key, so each number is in the log once. Its events go on while a test cuts, restarts and freezes. Thread-safe.
 */
final class Publishing implements AutoCloseable {
    /** Between two events: a client that lags has to be noticed, not drowned. */
    private static final long PAUSE_NANOS = 4_000_000;

    /** For an answer: shorter than what is waited for, because a connection that nobody closed may hang when a hub of this process ends. */
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String run = UUID.randomUUID().toString();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Wire.PATIENCE).build();
    private final URI hub;
    private final List<String> topics;
    private final String[] headers;
    private final Thread thread;
    private volatile boolean going = true;
    private final AtomicInteger published = new AtomicInteger();

    private Publishing(URI hub, List<String> topics, String... headers) {
        this.hub = hub;
        this.topics = topics;
        this.headers = headers;
        this.thread = Thread.ofVirtual().name("publishing").unstarted(this::publish);
    }

    /** To whoever is at {@code hub} at the time, with {@code headers}: name, value, name, value … */
    static Publishing start(URI hub, List<String> topics, String... headers) {
        var publishing = new Publishing(hub, topics, headers);
        publishing.thread.start();
        return publishing;
    }

    private void publish() {
        while (going) {
            if (isPublished(published.get())) {
                published.incrementAndGet();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean isPublished(int number) {
        HttpRequest.Builder request = HttpRequest.newBuilder(hub.resolve("/topics/" + topics.get(number % topics.size())))
                .timeout(ANSWER).header("Idempotency-Key", run + number).POST(BodyPublishers.ofString("" + number));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            // 200: it was stored before, and the answer was lost.
            return List.of(201, 200).contains(client.send(request.build(), BodyHandlers.discarding()).statusCode());
        } catch (IOException e) {
            return false; // the hub is away
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Waits until {@code count} more events are in the log. */
    void awaitMore(int count) {
        int until = published.get() + count;
        await("more events").atMost(PATIENCE).until(() -> published.get() >= until);
    }

    /** Ends the publishing. */
    @Override
    public void close() {
        going = false;
        try {
            thread.join();
            client.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it, and checks that each subscription of {@code page} that is named as a topic was told all of that, once, in order. */
    void assertToldAll(HubPage page) {
        close();
        for (int topic = 0; topic < topics.size(); topic++) {
            int first = topic;
            String name = topics.get(topic);
            List<Integer> sent = IntStream.range(0, published.get())
                    .filter(number -> number % topics.size() == first)
                    .boxed().toList();
            assertThat(sent).as(name).isNotEmpty();
            page.awaitTold(name, told -> told.size() >= sent.size());
            assertThat(page.told(name)).as(name).isEqualTo(sent);
        }
    }
}
