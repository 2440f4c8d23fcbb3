package dev.hark.app.access;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.app.access.AccessException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys from an address (RFC 7517, section 5). The last good set serves until there is another one, however long the address is away.
 * Thread-safe.
 *
 * <p>They are fetched anew when they are ten minutes old, which nobody waits for, and for a token with a key that they do not have, at most
 * once in 30 seconds: whoever sends such tokens decides neither how often the issuer is asked nor how many requests wait for it.
 */
final class FetchedKeys implements KeySource {
    static final Duration TIME_LIMIT = Duration.ofSeconds(5);
    static final int MAX_BYTES = 512 << 10;
    static final long UNKNOWN_KEY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final System.Logger LOGGER = System.getLogger(FetchedKeys.class.getName());
    private static final long OLD_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** As long as there are none at all, it is tried more often. */
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String name;
    private final URI address;
    private final LongSupplier nanoTime;
    private final Duration timeLimit;
    private final HttpClient client;

    private volatile Runnable changed = () -> {};
    private volatile @Nullable Keys known;
    private volatile long knownNanos;

    /** The fetch that is under way, or the last one; null before the first. */
    @GuardedBy("this")
    private @Nullable CompletableFuture<Void> fetch;

    @GuardedBy("this")
    private long fetchNanos;

    /** What is wrong with the address, where something is: said once. */
    @GuardedBy("this")
    private String trouble = "";

    /**
     * Begins to fetch them.
     *
     * @param name of the issuer, for the log
     */
    FetchedKeys(String name, URI address, LongSupplier nanoTime) {
        this(name, address, nanoTime, TIME_LIMIT);
    }

    /** @param timeLimit for a fetch, from its begin to the last byte */
    FetchedKeys(String name, URI address, LongSupplier nanoTime, Duration timeLimit) {
        this.name = name;
        this.address = address;
        this.nanoTime = nanoTime;
        this.timeLimit = timeLimit;
        this.client = HttpClient.newBuilder()
                .connectTimeout(timeLimit)
                // To another address might be to another issuer.
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(task -> Thread.ofVirtual().name("hark-keys").start(task))
                .build();
        var _ = fetchUnless(0);
    }

    /** Has {@code listener} be told after the keys have become others, and nobody else. */
    @Override
    public void onChange(Runnable listener) {
        changed = listener;
    }

    @Override
    public List<Key> keys(JWSHeader header) {
        Keys now = known;
        if (now == null) {
            await(fetchUnless(RETRY_NANOS));
            now = known;
            if (now == null) {
                throw new AccessException(Kind.UNAVAILABLE, "the keys of the token's issuer cannot be had now",
                        "the keys of " + name + " could not be fetched yet");
            }
            return now.matching(header);
        }
        keepFresh();
        List<Key> found = now.matching(header);
        if (found.isEmpty()) {
            // Perhaps it is a new one.
            await(fetchUnless(UNKNOWN_KEY_NANOS));
            Keys later = known;
            return later == null ? found : later.matching(header);
        }
        return found;
    }

    @Override
    public void keepFresh() {
        if (known != null && nanoTime.getAsLong() - knownNanos > OLD_NANOS) {
            var _ = fetchUnless(UNKNOWN_KEY_NANOS);
        }
    }

    @Override
    public List<String> ids() {
        Keys now = known;
        return now == null ? List.of() : now.ids();
    }

    /** The fetch that is under way; a new one, unless the last began less than {@code nanos} ago. */
    private synchronized CompletableFuture<Void> fetchUnless(long nanos) {
        CompletableFuture<Void> last = fetch;
        if (last != null && (!last.isDone() || nanoTime.getAsLong() - fetchNanos < nanos)) {
            return last;
        }
        fetchNanos = nanoTime.getAsLong();
        HttpRequest request = HttpRequest.newBuilder(address).timeout(timeLimit).header("Accept", "application/json").build();
        var body = BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES);
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, body);
        // The request's own limit is over with the head: a body may come a byte at a time.
        CompletableFuture<Void> begun = answer.copy().orTimeout(timeLimit.toMillis(), TimeUnit.MILLISECONDS)
                .handle((response, failure) -> {
                    if (failure != null) {
                        // Ends the transfer too.
                        answer.cancel(true);
                        failed(failure instanceof TimeoutException ? "no answer in " + timeLimit.toSeconds() + " s" : said(failure));
                    } else {
                        take(response);
                    }
                    return null;
                });
        fetch = begun;
        return begun;
    }

    private static String said(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : String.valueOf(cause.getMessage());
    }

    private void take(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            failed("the answer " + response.statusCode());
            return;
        }
        List<JWK> published;
        Keys fetched;
        try {
            published = Keys.parse(new String(response.body(), StandardCharsets.UTF_8));
            fetched = Keys.publicOf(published);
        } catch (ParseException | RuntimeException e) {
            failed("no set of keys");
            return;
        }
        if (fetched.set().isEmpty()) {
            // An issuer that signs with nothing has a fault; what it had signed would be refused.
            failed("a set without a key that can be used");
            return;
        }
        Keys before = known;
        known = fetched;
        knownNanos = nanoTime.getAsLong();
        if (!fetched.equals(before)) {
            LOGGER.log(System.Logger.Level.INFO, "the issuer " + name + " has " + fetched.set().size() + " keys");
            if (published.stream().anyMatch(Keys::isBared)) {
                LOGGER.log(System.Logger.Level.WARNING, "the issuer " + name + " publishes private keys at " + address
                        + ": whoever reads them can sign, and so they are not used");
            }
            if (before != null) {
                changed.run();
            }
        }
        synchronized (this) {
            trouble = "";
        }
    }

    private void failed(String why) {
        boolean isNew;
        synchronized (this) {
            isNew = !why.equals(trouble);
            trouble = why;
        }
        String kept = known == null ? "; its tokens are refused until they come" : "; those that are known stay";
        LOGGER.log(isNew ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
                "the keys of the issuer " + name + " cannot be fetched from " + address + ": " + why.replaceAll("\\p{Cntrl}", " ") + kept);
    }

    private void await(CompletableFuture<Void> fetch) {
        try {
            fetch.get(timeLimit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // What is known then has to do.
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
