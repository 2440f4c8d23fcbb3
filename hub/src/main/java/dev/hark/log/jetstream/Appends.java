package dev.hark.log.jetstream;

import dev.hark.log.replicated.Journal.Appended;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts groups into the stream, each once: every try of a group bears the same id, by which the servers know it again within the duplicate
 * window. Thread-safe.
 */
final class Appends {
    private static final Duration ATTEMPT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** For how long a failure counts, where no acknowledgement has come since. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private static final int WRONG_LAST_SEQUENCE = 10071;
    private static final int STORE_FAILED = 10077;
    /**
     * Errors before anything is stored: a message too large, another stream, a sealed one, no resources, no memory, no storage, too many
     * requests.
     */
    private static final Set<Integer> NEVER_STORED = Set.of(10054, 10060, 10109, 10023, 10028, 10047, 10167);
    /** What a full stream says, with {@link #STORE_FAILED}; other failures to store may be one replica's. */
    private static final Set<String> FULL =
            Set.of("maximum messages exceeded", "maximum bytes exceeded", "message size exceeds maximum allowed");

    private final Link link;
    private final StreamApi api;
    private final JetStreamSettings settings;
    private final Following following;

    private volatile @Nullable Failure failure;

    Appends(Link link, StreamApi api, JetStreamSettings settings, Following following) {
        this.link = link;
        this.api = api;
        this.settings = settings;
        this.following = following;
    }

    /** What became of one try. */
    private sealed interface Try {
        record Placed(long position, boolean duplicate) implements Try {}

        record Overtaken() implements Try {}

        /** It did not go anywhere; another try may. */
        record Nowhere(String why) implements Try {}

        /** It did not go anywhere, and no other will. */
        record Never(String why) implements Try {}

        /** Whoever answered does not say where it went. */
        record Unknown(String why) implements Try {}

        /** There was no answer, or none that can be read: where it went is not known. */
        record Silence(String why) implements Try {}
    }

    private record Failure(String why, long atNanos) {}

    /** @param last what the last entry must be; empty where it may be any */
    Appended append(OptionalLong last, String id, byte[] group, Duration patience) throws InterruptedException {
        long half = settings.duplicateWindow().toNanos() / 2;
        long all = Math.min(half, patience.compareTo(Duration.ofDays(1)) > 0 ? half : patience.toNanos());
        long deadline = System.nanoTime() + all;
        // A try with less would say nothing of the servers, and might put the group where nobody knows.
        long least = Math.min(PAUSE.toNanos(), all / 2);
        long givenBefore = following.position();
        Headers headers = headers(last, id);
        boolean maybe = false;
        String why = "there was no time to append it";
        String answered = null;
        while (deadline - System.nanoTime() > least) {
            if (!link.awaitConnected(deadline - System.nanoTime() - least)) {
                why = link.why().orElse(why);
                break;
            }
            long left = deadline - System.nanoTime();
            if (left < least) {
                break;
            }
            switch (attempt(headers, group, Math.min(left, ATTEMPT.toNanos()))) {
                case Try.Placed placed -> {
                    failure = null;
                    if (!placed.duplicate() && placed.position() <= givenBefore) {
                        following.doubt("a group was appended at " + placed.position() + ", which was followed before");
                    }
                    return new Appended.At(placed.position());
                }
                case Try.Overtaken _ when last.isEmpty() -> {
                    // Nothing was expected: whoever answers so has not understood, and what it did is not known.
                    maybe = true;
                    answered = "the servers answered that another group came first (" + WRONG_LAST_SEQUENCE + "), which nobody asked";
                    why = answered;
                    pause(deadline);
                }
                case Try.Overtaken _ -> {
                    // Perhaps by itself: by an earlier try, or an earlier call with the same id.
                    Appended found = ownOrOvertaken(last.orElseThrow() + 1, id);
                    if (found != null || !maybe) {
                        return found == null ? new Appended.Overtaken() : found;
                    }
                    why = "whether it was this group that came next could not be found out";
                    pause(deadline);
                }
                case Try.Never never -> {
                    failed(never.why());
                    return maybe ? new Appended.Unknown(never.why()) : new Appended.Refused(never.why());
                }
                case Try.Nowhere nowhere -> {
                    why = nowhere.why();
                    answered = why;
                    pause(deadline);
                }
                case Try.Unknown unknown -> {
                    maybe = true;
                    why = unknown.why();
                    answered = why;
                    pause(deadline);
                }
                case Try.Silence silence -> {
                    maybe = true;
                    why = silence.why() + (answered == null ? "" : "; before that: " + answered);
                    pause(deadline);
                }
            }
            failed(why);
        }
        failed(why);
        return maybe ? new Appended.Unknown(why) : new Appended.Refused(why);
    }

    /** Why appending fails now; none where nothing has failed lately. */
    Optional<String> trouble() {
        Failure last = failure;
        if (last == null || System.nanoTime() - last.atNanos() >= FRESH.toNanos()) {
            return Optional.empty();
        }
        return Optional.of("appending to the stream " + settings.stream() + " failed: " + last.why());
    }

    private void failed(String why) {
        failure = new Failure(why, System.nanoTime());
    }

    private Headers headers(OptionalLong last, String id) {
        Headers headers = new Headers().put(History.ID, id).put("Nats-Expected-Stream", settings.stream());
        if (last.isPresent()) {
            headers.put("Nats-Expected-Last-Sequence", Long.toString(last.getAsLong()));
        }
        return headers;
    }

    private Try attempt(Headers headers, byte[] group, long nanos) throws InterruptedException {
        try {
            return acknowledged(link.ask(settings.subject(), headers, group, Duration.ofNanos(nanos)));
        } catch (Link.NotSentException e) {
            return new Try.Nowhere(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Try.Silence("it was not acknowledged: " + e.getMessage());
        }
    }

    private static Try acknowledged(Message answer) throws IOException {
        try {
            PublishAck ack = new PublishAck(answer);
            if (ack.getSeqno() == 0) {
                return new Try.Unknown("it was acknowledged without a position");
            }
            return new Try.Placed(ack.getSeqno(), ack.isDuplicate());
        } catch (JetStreamApiException e) {
            int code = e.getApiErrorCode();
            String description = String.valueOf(e.getErrorDescription());
            String why = "the servers answered: " + description + " (" + code + ")";
            if (code == WRONG_LAST_SEQUENCE) {
                return new Try.Overtaken();
            }
            if (NEVER_STORED.contains(code) || (code == STORE_FAILED && FULL.contains(description))) {
                return new Try.Never(why);
            }
            return new Try.Unknown(why);
        }
    }

    /** What stands where the group would be, if an earlier try has appended it; null where that cannot be found out now. */
    private @Nullable Appended ownOrOvertaken(long position, String id) throws InterruptedException {
        try {
            Optional<MessageInfo> there = api.next(position);
            if (there.isEmpty() || there.get().getSeq() != position) {
                return null;
            }
            return id.equals(History.id(there.get())) ? new Appended.At(position) : new Appended.Overtaken();
        } catch (IOException e) {
            return null;
        }
    }

    private static void pause(long deadline) throws InterruptedException {
        long nanos = Math.min(PAUSE.toNanos(), deadline - System.nanoTime());
        if (nanos > 0) {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }
    }
}
