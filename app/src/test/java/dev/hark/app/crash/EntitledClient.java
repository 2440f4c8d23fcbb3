package dev.hark.app.crash;

import dev.hark.app.SseBlock;
import dev.hark.app.crash.GivenRights.Cause;
import dev.hark.app.crash.GivenRights.Given;
import dev.hark.app.crash.GivenRights.Giver;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber whose right to its stream ends again and again: it comes back with another one, and its last id. Confined to the thread that
 * calls it, but for {@link #open} and {@link #settle}.
 */
final class EntitledClient implements Callable<Follower> {
    private static final long PAUSE_MILLIS = 20;

    /** Within which a hub ends what has no right any more, whether its client reads or not. */
    private static final long ENDED_WITHIN_MILLIS = 2_000;

    private static final int SMALL_BUFFER = 16 << 10;
    private static final int MOST_BEFORE_IT_STOPS = 20;
    private static final int LONGEST_SHORT_MILLIS = 3_000;

    final Manner manner;
    final Giver giver;
    private final String name;
    private final String topic;
    private final URI hub;
    private final GivenRights rights;
    private final Random random;
    private final String end;
    private final Map<String, LongAdder> ends;
    private final List<Stretch> stretches = new ArrayList<>();
    private @Nullable EventId lastId;
    private String lastData = "";
    private int given;

    // Read and written by the test too.
    private volatile @Nullable Given open;
    private volatile boolean settling;

    /** How it reads. */
    enum Manner {
        /** All that comes, from now on. */
        LIVE,
        /** Slowly, from the beginning of the log on. */
        REPLAYING,
        /** Some, and then nothing until its right has been over for a while. */
        BLOCKED
    }

    /** What one stream gave. */
    private static final class Stretch {
        final Given right;
        final List<Block> blocks = new ArrayList<>();
        boolean told;

        Stretch(Given right) {
            this.right = right;
        }
    }

    /**
     * @param end  the data of the event after which it leaves
     * @param ends counts how its streams end, by what the test calls them
     */
    EntitledClient(
            String name, String topic, Manner manner, Giver giver, URI hub, GivenRights rights, long seed, String end,
            Map<String, LongAdder> ends) {
        this.name = name;
        this.topic = topic;
        this.manner = manner;
        this.giver = giver;
        this.hub = hub;
        this.rights = rights;
        this.random = new Random(seed);
        this.end = end;
        this.ends = ends;
    }

    /** What it was given for the stream that is open now; null where none is. */
    @Nullable Given open() {
        return open;
    }

    /** Has it read all there is, as fast as it can, with rights that last. */
    void settle() {
        settling = true;
    }

    @Override
    public Follower call() throws InterruptedException {
        while (!lastData.equals(end)) {
            String subject = name + '.' + given++;
            Given right = settling || random.nextInt(3) == 0
                    ? rights.giveLasting(giver, subject)
                    : rights.give(giver, subject, Duration.ofMillis(random.nextInt(LONGEST_SHORT_MILLIS)));
            if (!follow(right)) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
        var blocks = new ArrayList<Block>();
        for (Stretch stretch : stretches) {
            blocks.add(new Block.Opened(stretch.right.right(stretch.told)));
            blocks.addAll(stretch.blocks);
        }
        return new Follower(name, topic, blocks);
    }

    /** Whether there was a stream. */
    private boolean follow(Given right) throws InterruptedException {
        var headers = new ArrayList<>(List.of("Authorization: Bearer " + right.credential));
        if (lastId != null) {
            headers.add("Last-Event-ID: " + lastId);
        }
        String target = "/topics/" + topic + (manner == Manner.LIVE ? "" : "?since=earliest");
        int buffer = manner == Manner.LIVE ? 0 : SMALL_BUFFER;
        try (EventStream stream = EventStream.openIfAllowed(hub, target, headers, buffer).orElse(null)) {
            if (stream == null) {
                return false;
            }
            var stretch = new Stretch(right);
            stretches.add(stretch);
            open = right;
            String how = read(stream, stretch);
            stretch.told = manner == Manner.LIVE && !how.equals(end);
            if (!how.equals(end)) {
                Cause cause = right.cause(how);
                ends.computeIfAbsent(manner + " " + cause, key -> new LongAdder()).increment();
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError(name + " was given nothing any more, not even a heartbeat", e);
        } catch (IOException e) {
            // Whoever connects while the hub is busy may be reset.
            return false;
        } finally {
            open = null;
        }
        return true;
    }

    /** Why the stream ended, in the hub's word; nothing where it said none; or the data of the last event of all. */
    private String read(EventStream stream, Stretch stretch) throws InterruptedException, IOException {
        int left = random.nextInt(MOST_BEFORE_IT_STOPS);
        String reason = "";
        while (!lastData.equals(end)) {
            if (manner == Manner.BLOCKED && left-- == 0) {
                awaitEndOf(stretch.right);
            }
            if (manner == Manner.REPLAYING && !settling) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(8));
            }
            Optional<SseBlock> block;
            try {
                block = stream.next();
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // It was cut.
                return reason;
            }
            if (block.isEmpty()) {
                return reason;
            }
            reason = note(block.get(), stretch);
        }
        return end;
    }

    /** Reads nothing until then, and for as long as a hub may take to end the stream. */
    private void awaitEndOf(Given right) throws InterruptedException {
        while (!right.hasEnded() && !settling) {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        if (right.hasEnded()) {
            TimeUnit.MILLISECONDS.sleep(ENDED_WITHIN_MILLIS);
        }
    }

    /** The reason of a last word; empty where {@code block} is none. */
    private String note(SseBlock block, Stretch stretch) {
        for (Block each : FollowingClient.read(block).stream().toList()) {
            stretch.blocks.add(each);
            lastId = switch (each) {
                case Block.Position(EventId id) -> id;
                case Block.Delivered(EventId id, String data) -> {
                    lastData = data;
                    yield id;
                }
                case Block.Gap gap -> gap.resumedAt();
                case Block.Opened opened -> lastId;
                case Block.Closed closed -> lastId;
            };
        }
        if (!block.is("hark.close")) {
            return "";
        }
        String reason = block.data().replaceFirst(".*\"reason\":\"([^\"]*)\".*", "$1");
        if (reason.equals(GivenRights.EXPIRED) && !rights.isOver(stretch.right)) {
            throw new AssertionError(name + " was told that its token has expired, which it has not");
        }
        stretch.blocks.add(new Block.Closed(reason));
        return reason;
    }
}
