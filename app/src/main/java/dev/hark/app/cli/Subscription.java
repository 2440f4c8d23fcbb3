package dev.hark.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is taken up again whenever it ends, where it ended (WHATWG HTML, section 9.2.3). Confined to the thread that runs it.
 *
 * <p>In two things it is more patient than a browser: it goes on after 429, 502, 503 and 504, and it says so.
 */
final class Subscription {
    /** Waits; a test does not. */
    interface Pause {
        void pause(Duration time) throws InterruptedException;
    }

    /**
     * How long to wait, and for what.
     *
     * @param silence for the next byte of a stream, before the hub is taken for lost; longer than the hub's heartbeat
     * @param pause   waits before coming back
     */
    record Patience(Duration silence, Pause pause) {
        /** Four of the heartbeats that a hub sends unless it is told otherwise. */
        static final Patience USUAL = new Patience(Duration.ofSeconds(60), Thread::sleep);
    }

    /**
     * What is asked for.
     *
     * @param uri         where the stream is, and where it starts where it is not resumed
     * @param requests    what goes with each request
     * @param lastEventId what it is resumed with, or empty
     * @param client      how to connect
     * @param end         when it is enough
     */
    record Request(URI uri, HubRequest requests, String lastEventId, HttpClient.Builder client, End end) {}

    /**
     * When it is enough.
     *
     * @param events how many events
     * @param probe  where to ask how far a stream has to come to have caught up with now; null where it goes on
     */
    record End(long events, @Nullable Probe probe) {
        static final End NEVER = new End(Long.MAX_VALUE, null);
    }

    private static final Set<Integer> PASSING = Set.of(429, 502, 503, 504);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_PROBLEM_BYTES = 64 << 10;
    private static final int MAX_RETRY_AFTER_SECONDS = 3600;

    private final URI uri;
    private final HubRequest requests;
    private final HttpClient.Builder connections;
    private final Shell shell;
    private final EventPrinter printer;
    private final Reconnection reconnection;
    private final Patience patience;
    private final End enough;
    private String lastEventId;
    private long printed;

    /** Where it ends, once that is known; null where it goes on. */
    private Probe.@Nullable Target target;

    Subscription(Request wanted, Shell shell, EventPrinter printer, Reconnection reconnection, Patience patience) {
        this.uri = wanted.uri();
        this.requests = wanted.requests();
        this.lastEventId = wanted.lastEventId();
        this.connections = wanted.client();
        this.enough = wanted.end();
        this.shell = shell;
        this.printer = printer;
        this.reconnection = reconnection;
        this.patience = patience;
    }

    /** Prints events until the hub says no, or they cannot be written any more; returns the exit code. */
    int run() throws InterruptedException {
        try (HttpClient client = connections.followRedirects(HttpClient.Redirect.NORMAL).build()) {
            while (true) {
                OptionalInt code = once(client);
                if (code.isPresent()) {
                    client.shutdownNow();
                    return code.getAsInt();
                }
            }
        }
    }

    private OptionalInt once(HttpClient client) throws InterruptedException {
        try {
            if (enough.probe() != null && target == null) {
                target = enough.probe().ask(client);
                if (target != null && target.isReached()) {
                    return OptionalInt.of(ExitCode.OK);
                }
            }
            HttpResponse<InputStream> answer = client.send(request(), BodyHandlers.ofInputStream());
            try (PatientInputStream body = new PatientInputStream(answer.body(), patience.silence())) {
                if (isEventStream(answer)) {
                    reconnection.succeeded();
                    return read(body);
                }
                return refused(answer, body);
            }
        } catch (IOException e) {
            String where = uri.getScheme() + "://" + uri.getRawAuthority();
            Optional<String> distrust = Unreachable.distrust(where, e);
            if (distrust.isPresent()) {
                // Trying again makes nobody trustworthy.
                shell.warn(distrust.get());
                return OptionalInt.of(ExitCode.REFUSED);
            }
            reconnection.failed();
            comeBack("no hub answers at " + where + " (" + Unreachable.inWords(e) + ")");
            return OptionalInt.empty();
        }
    }

    private HttpRequest request() throws IOException {
        HttpRequest.Builder request = requests.to(uri)
                .timeout(ANSWER_TIMEOUT)
                .header("Accept", "text/event-stream")
                .header("Cache-Control", "no-store");
        // An id that no header can carry is not one of a hub's; without it the stream starts where the URL says.
        if (!lastEventId.isEmpty() && lastEventId.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            request.header("Last-Event-ID", lastEventId);
        }
        return request.GET().build();
    }

    private OptionalInt read(PatientInputStream body) throws InterruptedException {
        EventStreamReader reader = new EventStreamReader(body, lastEventId);
        String end = "the stream ended";
        long before = printed;
        boolean ended = false;
        try {
            ServerSentEvent event;
            while ((event = reader.nextBlock()) != null) {
                boolean counts = EventPrinter.isOfAPublisher(event);
                if (counts && target != null && target.isPassedBy(event.id())) {
                    return OptionalInt.of(ExitCode.OK);
                }
                if (!printer.print(event)) {
                    return OptionalInt.of(ExitCode.OK);
                }
                printed += counts ? 1 : 0;
                ended = EventPrinter.saysEnded(event);
                if (printed == enough.events() || (target != null && target.isReachedBy(event.id()))) {
                    return OptionalInt.of(ExitCode.OK);
                }
            }
        } catch (IOException e) {
            end = "the stream broke off";
        }
        if (body.exhausted()) {
            // Whether the HTTP client ends a read that is closed with an error or with an end is its own affair.
            end = "the hub was silent for " + inSeconds(patience.silence());
        }
        lastEventId = reader.lastEventId();
        reader.retry().ifPresent(reconnection::retry);
        if (ended && printed > before) {
            // Unless the topic was opened anew since then, the answer is 204, and there is nothing to wait for.
            return OptionalInt.empty();
        }
        comeBack(end);
        return OptionalInt.empty();
    }

    private OptionalInt refused(HttpResponse<InputStream> answer, InputStream body) throws IOException, InterruptedException {
        int status = answer.statusCode();
        if (status == 204) {
            shell.note("the hub has nothing more to say: the topic has ended (204)");
            return OptionalInt.of(ExitCode.OK);
        }
        String text = new String(body.readNBytes(MAX_PROBLEM_BYTES), StandardCharsets.UTF_8);
        String reason = status == 200 ? "what answers at " + uri + " is no event stream" : Problem.inWords(status, text);
        if (!PASSING.contains(status)) {
            shell.warn("refused: " + reason);
            return OptionalInt.of(ExitCode.REFUSED);
        }
        reconnection.failed();
        answer.headers().firstValue("Retry-After")
                .filter(value -> value.matches("[0-9]{1,9}"))
                .ifPresent(seconds -> reconnection.retry(Duration.ofSeconds(Math.min(Long.parseLong(seconds), MAX_RETRY_AFTER_SECONDS))));
        comeBack(reason);
        return OptionalInt.empty();
    }

    private void comeBack(String reason) throws InterruptedException {
        Duration delay = reconnection.delay();
        shell.note(reason + "; trying again in " + inSeconds(delay));
        patience.pause().pause(delay);
    }

    private static String inSeconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    private static boolean isEventStream(HttpResponse<?> answer) {
        String type = answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
        return answer.statusCode() == 200 && type.strip().equalsIgnoreCase("text/event-stream");
    }
}
