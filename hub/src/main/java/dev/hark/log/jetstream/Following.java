package dev.hark.log.jetstream;

import dev.hark.log.jetstream.History.Look;
import dev.hark.log.jetstream.History.Place;
import dev.hark.log.replicated.Journal.Entry;
import dev.hark.log.replicated.Journal.Follower;
import io.nats.client.Message;
import java.io.IOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives a follower the stream's groups, and looks before the first one of each consumer whether the stream still holds what was given: a
 * consumer does not outlive its stream, so what it gives then is of the history that was looked at.
 *
 * <p>{@link #run} is one thread's; all else may be called by any.
 */
final class Following {
    /** That a history is lost has to be seen for so long: a leader that was chosen a moment ago may still be catching up. */
    private static final Duration SURE = Duration.ofSeconds(1);

    private static final int LOOKS = 3;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
    private static final Duration POLL = Duration.ofMillis(250);

    private static final System.Logger LOGGER = System.getLogger(Following.class.getName());

    private final Link link;
    private final StreamApi api;
    private final History history;
    private final JetStreamSettings settings;

    private volatile boolean closed;
    private volatile @Nullable Place place;
    /** Why it should be looked at whether the history holds; null while nothing speaks against it. */
    private volatile @Nullable String doubt;
    private volatile @Nullable String trouble;
    private volatile @Nullable String lost;
    /** A reader has heard from its consumer, and is looked after. */
    private volatile boolean reading;

    /** Of the follower's thread: since when, and how often in a row, the history was seen to be lost. */
    private long lostSinceNanos;
    private int lostLooks;

    Following(Link link, StreamApi api, History history, JetStreamSettings settings) {
        this.link = link;
        this.api = api;
        this.history = history;
        this.settings = settings;
    }

    /** Where it begins; before {@link #run}. */
    void begin(Place first) {
        place = first;
    }

    /** What was given last; null before it begins. */
    @Nullable Place place() {
        return place;
    }

    /** The position of what was given last, 0 where there is none. */
    long position() {
        Place now = place;
        return now == null ? 0 : now.position();
    }

    /** Has the history looked at before anything more is given. */
    void doubt(String why) {
        doubt = why;
    }

    void close() {
        closed = true;
    }

    /** Why nothing is given; none where all is well, or nobody follows. */
    Optional<String> trouble() {
        String gone = lost;
        if (gone != null) {
            return Optional.of(gone);
        }
        String why = trouble;
        if (place == null || reading) {
            return Optional.empty();
        }
        return Optional.of("the stream " + settings.stream() + " is not followed" + (why == null ? " yet" : ": " + why));
    }

    /** Returns when it was closed, or has told the follower that the history is lost. */
    void run(Follower follower) {
        try {
            while (!closed) {
                if (link.awaitConnected(POLL.toNanos())) {
                    attempt(follower);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attempt(Follower follower) throws InterruptedException {
        try {
            if (!holds(follower)) {
                return;
            }
            int connection = link.changes();
            try (GroupReader reader = GroupReader.open(link, api, position(), settings.maxGroupBytes())) {
                if (holds(follower)) {
                    give(reader, connection, follower);
                }
            }
        } catch (IOException e) {
            trouble = e.getMessage();
            LOGGER.log(System.Logger.Level.DEBUG, "following is interrupted", e);
            TimeUnit.NANOSECONDS.sleep(BETWEEN_LOOKS.toNanos());
        } finally {
            reading = false;
        }
    }

    /** Whether the history holds; tells the follower when it certainly does not. */
    private boolean holds(Follower follower) throws IOException, InterruptedException {
        while (!closed) {
            String doubted = doubt;
            Place now = place;
            if (now == null) {
                return false;
            }
            switch (history.look(now)) {
                case Look.Holds _ -> {
                    lostLooks = 0;
                    if (doubted != null && doubted.equals(doubt)) {
                        doubt = null;
                    }
                    return true;
                }
                case Look.Lost(String why) -> {
                    long nanos = System.nanoTime();
                    lostSinceNanos = lostLooks == 0 ? nanos : lostSinceNanos;
                    lostLooks++;
                    trouble = why;
                    if (lostLooks >= LOOKS && nanos - lostSinceNanos >= SURE.toNanos()) {
                        lost = why;
                        closed = true;
                        follower.lost(why);
                        return false;
                    }
                }
            }
            TimeUnit.NANOSECONDS.sleep(BETWEEN_LOOKS.toNanos());
        }
        return false;
    }

    private void give(GroupReader reader, int connection, Follower follower) throws IOException, InterruptedException {
        while (!closed && doubt == null && link.changes() == connection) {
            Message message = reader.next(POLL);
            if (reader.hasHeard()) {
                reading = true;
            }
            if (message == null) {
                continue;
            }
            long position = message.metaData().streamSequence();
            long last = position();
            if (position != last + 1) {
                // The next look says whether it is so.
                throw new IOException("the stream goes on at " + position + " after " + last);
            }
            String id = message.getHeaders() == null ? null : message.getHeaders().getFirst(History.ID);
            ZonedDateTime time = message.metaData().timestamp();
            follower.take(new Entry(position, id == null ? "" : id, time.toInstant().toEpochMilli(), message.getData()));
            place = new Place(position, id == null ? "" : id);
        }
    }
}
