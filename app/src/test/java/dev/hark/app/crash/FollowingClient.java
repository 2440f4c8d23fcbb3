package dev.hark.app.crash;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.SseBlock;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.Lives.Life;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that resumes with its last id after every break, and notes each block. Confined to the thread that calls it, but for
 * {@link #lastData}.
 */
final class FollowingClient implements Callable<Follower> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final String topic;
    private final Lives lives;
    private final Predicate<Life> attends;
    private final UnaryOperator<EventId> resumeAfter;
    private final List<Block> blocks = new ArrayList<>();
    private @Nullable EventId lastId;

    // Read by the test.
    private volatile String lastData = "";

    /** @param attends in which lives it is there */
    FollowingClient(String name, String topic, Lives lives, Predicate<Life> attends) {
        this(name, topic, lives, attends, UnaryOperator.identity());
    }

    /** @param resumeAfter makes the id that it resumes with of its last one: a fault, where it is not the same */
    FollowingClient(String name, String topic, Lives lives, Predicate<Life> attends, UnaryOperator<EventId> resumeAfter) {
        this.name = name;
        this.topic = topic;
        this.lives = lives;
        this.attends = attends;
        this.resumeAfter = resumeAfter;
    }

    @Override
    public Follower call() throws InterruptedException {
        int seen = 0;
        for (Optional<Life> life = lives.awaitAfter(seen); life.isPresent(); life = lives.awaitAfter(seen)) {
            seen = life.get().number();
            if (attends.test(life.get())) {
                follow(life.get().uri());
            }
        }
        return new Follower(name, topic, blocks);
    }

    /** Everything up to the event with {@code end}. */
    static Follower readAll(URI server, String end) throws IOException {
        var reader = new FollowingClient("log", History.EVERYTHING, new Lives(), life -> true);
        try (EventStream stream = EventStream.open(server, "/topics/**?since=earliest", null)) {
            while (!reader.lastData.equals(end)) {
                reader.note(stream.next().orElseThrow(() -> new AssertionError("the log ends before " + end)));
            }
        }
        return new Follower(reader.name, reader.topic, reader.blocks);
    }

    /** Of the last event that it was given. */
    String lastData() {
        return lastData;
    }

    private void follow(URI server) {
        String after = lastId == null ? null : resumeAfter.apply(lastId).toString();
        try (EventStream stream = EventStream.open(server, "/topics/" + topic + "?since=earliest", after)) {
            for (Optional<SseBlock> block = stream.next(); block.isPresent(); block = stream.next()) {
                note(block.get());
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError(name + " was given nothing any more, not even a heartbeat", e);
        } catch (IOException e) {
            // The server was killed: the next one goes on.
        }
    }

    private void note(SseBlock block) {
        Optional<EventId> id = EventId.parse(block.id());
        if (id.isEmpty()) {
            if (!block.id().isEmpty() || block.isEvent()) {
                throw new AssertionError("no id: " + block.raw());
            }
            return;
        }
        lastId = id.get();
        if (block.isPosition() || block.is("hark.close")) {
            blocks.add(new Block.Position(lastId));
        } else if (block.is("hark.gap")) {
            blocks.add(gap(block, lastId));
        } else {
            blocks.add(new Block.Delivered(lastId, block.data()));
            lastData = block.data();
        }
    }

    private static Block.Gap gap(SseBlock block, EventId resumedAt) {
        try {
            JsonNode gap = JSON.readTree(block.data());
            EventId after = EventId.parse(gap.path("after").asText()).orElse(null);
            return new Block.Gap(gap.path("reason").asText(), after, resumedAt);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + block.raw(), e);
        }
    }
}
