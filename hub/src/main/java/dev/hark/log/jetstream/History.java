package dev.hark.log.jetstream;

import dev.hark.log.replicated.Journal.Extent;
import dev.hark.log.replicated.Snapshot;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the stream still holds the history that was followed. Thread-safe. */
final class History {
    static final String ID = "Nats-Msg-Id";

    /** Leader and replicas hear from each other every second. */
    private static final Duration HEARD = Duration.ofSeconds(3);

    private final StreamApi api;
    private final String stream;
    private final JetStreamSnapshots snapshots;

    History(StreamApi api, String stream, JetStreamSnapshots snapshots) {
        this.api = api;
        this.stream = stream;
        this.snapshots = snapshots;
    }

    /** How far the history is known: the last group that was given, 0 for none, and its id, null for one that is not known. */
    record Place(long position, @Nullable String id) {}

    /** What the stream says. */
    sealed interface Look {
        /** Nothing speaks against it. */
        record Holds(StreamInfo info) implements Look {}

        /** It is another history, or a part is gone that was not given. A replica that lags behind may say so, too, for a moment. */
        record Lost(String why) implements Look {}
    }

    /**
     * Looks at the ends of the stream alone.
     *
     * @param place null where nothing is followed yet
     * @throws IOException if nobody says
     */
    Look glance(@Nullable Place place) throws IOException, InterruptedException {
        StreamInfo info;
        try {
            info = api.info();
        } catch (StreamApi.RefusedException e) {
            if (e.isNoStream()) {
                return new Look.Lost("the stream " + stream + " does not exist any more");
            }
            throw e;
        }
        if (place == null) {
            return new Look.Holds(info);
        }
        Extent extent = extent(info);
        if (extent.last() < place.position()) {
            return lost(info, "the stream " + stream + " ends at " + extent.last() + ", before " + place.position()
                    + ", which was followed: it was made anew, or put back to an older copy");
        }
        if (extent.first() > place.position() + 1) {
            return lost(info, "the stream " + stream + " begins at " + extent.first() + ": what came after " + place.position()
                    + " was removed before this node had it");
        }
        if (place.id() != null && extent.first() > place.position() && !mayBeGone(info)) {
            return lost(info, purged(place));
        }
        return new Look.Holds(info);
    }

    /**
     * Looks at the last group that was given as well, and at the next one.
     *
     * @throws IOException if nobody says
     */
    Look look(Place place) throws IOException, InterruptedException {
        Look ends = glance(place);
        if (!(ends instanceof Look.Holds(StreamInfo info))) {
            return ends;
        }
        String id = place.id();
        if (place.position() > 0 && id != null) {
            Optional<MessageInfo> last = api.message(place.position());
            boolean isAtHead = extent(info).first() > place.position();
            if (last.isEmpty() && !(isAtHead ? mayBeGone(info) : hasLimits(info.getConfiguration()))) {
                return lost(info, purged(place));
            }
            if (last.isPresent() && !id.equals(id(last.get()))) {
                return lost(info, "the stream " + stream + " holds another group at " + place.position()
                        + " than was followed: it was made anew");
            }
        }
        if (extent(info).last() > place.position()) {
            Optional<MessageInfo> next = api.next(place.position() + 1);
            if (next.isPresent() && next.get().getSeq() != place.position() + 1) {
                return lost(info, "the stream " + stream + " goes on at " + next.get().getSeq() + ": what came after " + place.position()
                        + " was removed before this node had it");
            }
        }
        return ends;
    }

    /**
     * What its leader says is gone, if it is the leader: cut off from the others, one believes for seconds that it still is, and knows
     * nothing of what they have appended since.
     */
    private Look lost(StreamInfo info, String why) throws IOException {
        requireLed(info, stream);
        return new Look.Lost(why);
    }

    /** @throws IOException if whoever answered may be cut off from those who have another leader by now */
    static void requireLed(StreamInfo info, String stream) throws IOException {
        if (!isLed(info)) {
            throw new IOException("the leader of the stream " + stream + " does not hear from a majority of its replicas");
        }
    }

    /** Whether whoever answered has lately heard from so many replicas that no other can lead. */
    static boolean isLed(StreamInfo info) {
        int replicas = info.getConfiguration().getReplicas();
        if (replicas == 1 || info.getClusterInfo() == null || info.getClusterInfo().getReplicas() == null) {
            return replicas == 1;
        }
        long heard = info.getClusterInfo().getReplicas().stream()
                .filter(replica -> !replica.isOffline() && replica.getActive().compareTo(HEARD) < 0)
                .count();
        return heard + 1 > replicas / 2;
    }

    /**
     * Whether groups at the head of the stream may be gone without a loss: by limits that it has, or because snapshots cover them. Somebody
     * else's purge takes the group with it that a snapshot ends with, or there is no snapshot behind it.
     */
    private boolean mayBeGone(StreamInfo info) throws IOException, InterruptedException {
        if (hasLimits(info.getConfiguration())) {
            return true;
        }
        Extent extent = extent(info);
        for (Snapshot each : snapshots.list()) {
            if (each.position() >= extent.first() && each.position() <= extent.last()) {
                Optional<MessageInfo> there = api.message(each.position());
                if (there.isPresent() && id(there.get()).equals(each.id())) {
                    return true;
                }
            }
        }
        return false;
    }

    private String purged(Place place) {
        return "the stream " + stream + " does not hold " + place.position()
                + " any more, and neither limits nor snapshots account for that: it was purged";
    }

    static Extent extent(StreamInfo info) {
        long last = info.getStreamState().getLastSequence();
        boolean isEmpty = info.getStreamState().getMsgCount() == 0;
        return new Extent(isEmpty ? last + 1 : info.getStreamState().getFirstSequence(), last);
    }

    /** The id that a message was appended with; empty for one that somebody else has put there. */
    static String id(MessageInfo message) {
        String id = message.getHeaders() == null ? null : message.getHeaders().getFirst(ID);
        return id == null ? "" : id;
    }

    private static boolean hasLimits(StreamConfiguration configuration) {
        return !configuration.getMaxAge().isZero() || configuration.getMaxBytes() > 0 || configuration.getMaxMsgs() > 0;
    }
}
