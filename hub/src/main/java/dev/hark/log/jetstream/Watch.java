package dev.hark.log.jetstream;

import dev.hark.log.jetstream.History.Look;
import dev.hark.log.jetstream.History.Place;
import dev.hark.log.replicated.JournalState;
import io.nats.client.AuthenticationException;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the stream once a second how it is: so a stream that was purged or made anew is noticed when nobody publishes, and one without a
 * leader too. Also connects anew where the client has given up. {@link #trouble} may be called by anybody.
 */
final class Watch implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** How long an answer counts. */
    private static final Duration FRESH = Duration.ofSeconds(4);

    private static final System.Logger LOGGER = System.getLogger(Watch.class.getName());

    private final Link link;
    private final History history;
    private final Following following;
    private final JetStreamSettings settings;

    private volatile boolean closed;
    private volatile long answeredNanos = System.nanoTime();
    private volatile String why = "";
    private volatile @Nullable String gone;
    private volatile @Nullable Seen seen;

    private @Nullable ZonedDateTime made;
    private boolean lostBefore;

    Watch(Link link, History history, Following following, JetStreamSettings settings) {
        this.link = link;
        this.history = history;
        this.following = following;
        this.settings = settings;
    }

    /** @param server who was asked; null where there was no connection any more */
    private record Seen(StreamInfo info, @Nullable ServerInfo server, long atNanos) {}

    /** What the stream said of itself last; none before that. */
    Optional<JournalState> state() {
        Seen last = seen;
        return last == null ? Optional.empty() : Optional.of(StreamStates.of(settings.stream(), last.info(), last.server(), link.server(),
                Duration.ofNanos(System.nanoTime() - last.atNanos())));
    }

    Optional<String> trouble() {
        if (System.nanoTime() - answeredNanos < FRESH.toNanos()) {
            return Optional.ofNullable(gone);
        }
        return Optional.of("the stream " + settings.stream() + " does not answer" + (why.isEmpty() ? "" : ": " + why));
    }

    void close() {
        closed = true;
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                look();
                TimeUnit.NANOSECONDS.sleep(INTERVAL.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            link.connect();
            Place given = following.place();
            Look look = history.glance(given);
            switch (look) {
                case Look.Holds(var info) -> {
                    lostBefore = false;
                    gone = null;
                    seen = new Seen(info, link.server(), System.nanoTime());
                    if (!History.isLed(info)) {
                        why = "its leader does not hear from a majority of its replicas";
                        return;
                    }
                    if (made != null && !made.equals(info.getCreateTime())) {
                        following.doubt("the stream " + settings.stream() + " was made anew");
                    }
                    made = info.getCreateTime();
                }
                case Look.Lost(String sentence) -> {
                    // Once may be a replica that lags behind.
                    if (lostBefore) {
                        gone = sentence;
                        following.doubt(sentence);
                    }
                    lostBefore = true;
                }
            }
            answeredNanos = System.nanoTime();
        } catch (AuthenticationException e) {
            why = "NATS does not take these credentials";
            LOGGER.log(System.Logger.Level.DEBUG, why);
        } catch (IOException e) {
            why = String.valueOf(e.getMessage());
        }
    }
}
