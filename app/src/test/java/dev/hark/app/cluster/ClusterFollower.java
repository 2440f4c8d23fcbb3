package dev.hark.app.cluster;

import dev.hark.app.SseBlock;
import dev.hark.app.crash.EventStream;
import dev.hark.app.crash.FollowingClient;
import dev.hark.app.crash.History;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that goes to another node with its last id alone, whenever its stream breaks or says nothing any more, or because it likes
 * to. Notes each block, up to the last event. Confined to the thread that calls it.
 */
final class ClusterFollower implements Callable<Follower> {
    /** Three heartbeats. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Of one that is slow: before each block, and so that the kernel does not read for it. */
    private static final Duration SLOWNESS = Duration.ofMillis(20);
    private static final int SMALL_BUFFER_BYTES = 4_096;

    private final String name;
    private final String topic;
    private final Meeting meeting;
    private final Habit habit;
    private final Random random;
    private final List<Block> blocks = new ArrayList<>();
    private @Nullable EventId lastId;

    /** What it does beside following. */
    enum Habit {
        STAYS,
        READS_SLOWLY,
        MOVES_OFTEN
    }

    ClusterFollower(String name, String topic, Meeting meeting, Habit habit, long seed) {
        this.name = name;
        this.topic = topic;
        this.meeting = meeting;
        this.habit = habit;
        this.random = new Random(seed);
    }

    @Override
    public Follower call() throws InterruptedException {
        int node = random.nextInt(meeting.nodes().size());
        while (!meeting.isOver() && !follow(meeting.nodes().get(node))) {
            node = (node + 1) % meeting.nodes().size();
            Thread.sleep(PAUSE);
        }
        return new Follower(name, topic, blocks);
    }

    /** Whether it has been given the last event. */
    private boolean follow(URI node) throws InterruptedException {
        List<String> headers = lastId == null ? List.of() : List.of("Last-Event-ID: " + lastId);
        int left = habit == Habit.MOVES_OFTEN ? 1 + random.nextInt(100) : Integer.MAX_VALUE;
        int bytes = habit == Habit.READS_SLOWLY ? SMALL_BUFFER_BYTES : 0;
        try (EventStream stream = EventStream.openWithin(SILENCE, node, "/topics/" + topic + "?since=earliest", headers, bytes)) {
            for (Optional<SseBlock> block = stream.next(); block.isPresent() && left > 0 && !meeting.isOver(); block = stream.next()) {
                left--;
                if (note(block.get())) {
                    return true;
                }
                if (habit == Habit.READS_SLOWLY && meeting.publishing()) {
                    Thread.sleep(SLOWNESS);
                }
            }
        } catch (IOException e) {
            // Gone, silent, or not taking anybody: another one goes on.
        }
        return false;
    }

    private boolean note(SseBlock block) {
        Optional<Block> read = FollowingClient.read(block);
        read.ifPresent(each -> {
            blocks.add(each);
            lastId = EventId.parse(block.id()).orElseThrow();
        });
        return read.isPresent() && read.get() instanceof Block.Delivered(EventId _, String data) && meeting.isEnd(data);
    }

    /** Everything that a node shows up to the last event. */
    static Follower readAll(String name, URI node, Meeting meeting) throws IOException {
        var reader = new ClusterFollower(name, History.EVERYTHING, meeting, Habit.STAYS, 0);
        try (EventStream stream = EventStream.openWithin(SILENCE, node, "/topics/**?since=earliest", List.of(), 0)) {
            while (!reader.note(stream.next().orElseThrow(() -> new AssertionError(name + " ends before the last event")))) {
                // On to the next one.
            }
        }
        return new Follower(name, History.EVERYTHING, reader.blocks);
    }
}
