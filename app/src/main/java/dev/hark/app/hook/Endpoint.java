package dev.hark.app.hook;

import dev.hark.app.config.HookSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The address of a hook, over HTTP/1.1. Follows no redirects: to another address might be to somebody else. Thread-safe. */
final class Endpoint {
    private static final int OK = 200;
    private static final int MULTIPLE_CHOICES = 300;
    private static final int GONE = 410;

    /** Seconds of {@code Retry-After} that are read as such. */
    private static final int MAX_DIGITS = 9;

    private final HttpClient client;
    private final HookSettings hook;
    private final Signer signer;
    private final InstantSource clock;

    Endpoint(HttpClient client, HookSettings hook, InstantSource clock) {
        this.client = client;
        this.hook = hook;
        this.signer = new Signer(hook.secrets());
        this.clock = clock;
    }

    /** A client for all hooks. */
    static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(task -> Thread.ofVirtual().name("hark-hook-call").start(task))
                .build();
    }

    /** Begins to send {@code call}. Never fails; to be cancelled where it takes too long. */
    CompletableFuture<Answer> send(Call call) {
        long seconds = clock.millis() / 1000;
        HttpRequest request = HttpRequest.newBuilder(hook.url())
                .timeout(hook.timeout())
                .header("Content-Type", "application/json")
                .header("User-Agent", "Hark")
                .header("webhook-id", call.id())
                .header("webhook-timestamp", Long.toString(seconds))
                .header("webhook-signature", signer.sign(call.id(), seconds, call.body()))
                .POST(BodyPublishers.ofByteArray(call.body()))
                .build();
        return new Sent(client.sendAsync(request, BodyHandlers.discarding()));
    }

    /** Has the request cancelled with it, which a stage of a future alone would not. */
    private final class Sent extends CompletableFuture<Answer> {
        private final CompletableFuture<HttpResponse<Void>> request;

        Sent(CompletableFuture<HttpResponse<Void>> request) {
            this.request = request;
            var _ = request.whenComplete((response, failure) -> complete(failure == null ? answer(response) : failed(failure)));
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            // Before the request, whose end would otherwise be the answer: a call that was cut short is none that has failed.
            boolean isCancelled = super.cancel(mayInterruptIfRunning);
            request.cancel(true);
            return isCancelled;
        }
    }

    private Answer answer(HttpResponse<?> response) {
        int status = response.statusCode();
        if (status >= OK && status < MULTIPLE_CHOICES) {
            return new Answer.Taken();
        }
        if (status == GONE) {
            return new Answer.Unwanted();
        }
        return new Answer.Failed("it answered " + status, response.headers().firstValue("Retry-After").flatMap(this::asked));
    }

    /** RFC 9110, section 10.2.3: seconds, or a time. */
    private Optional<Duration> asked(String text) {
        String stripped = text.strip();
        if (stripped.matches("[0-9]{1," + MAX_DIGITS + "}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(stripped)));
        }
        try {
            Instant until = ZonedDateTime.parse(stripped, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Optional.of(Duration.between(clock.instant(), until)).filter(Duration::isPositive);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private Answer failed(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof HttpTimeoutException) {
            return Answer.late(hook.timeout());
        }
        String why = switch (cause) {
            case ConnectException e when e.getCause() instanceof UnresolvedAddressException -> "its host is not known";
            case ConnectException e -> "nobody can be reached there";
            case IOException e -> e.getMessage() == null ? e.toString() : e.getMessage();
            default -> cause.toString();
        };
        return new Answer.Failed(why, Optional.empty());
    }
}
