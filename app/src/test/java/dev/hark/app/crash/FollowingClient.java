package dev.hark.app.crash;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.SseBlock;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.ServerRuns.ServerRun;
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
public final class FollowingClient implements Callable<Follower> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final String topic;
    private final ServerRuns runs;
    private final Predicate<ServerRun> attends;
    private final UnaryOperator<EventId> resumeAfter;
    private final List<Block> blocks = new ArrayList<>();
    private @Nullable EventId lastId;

    // Read by the test.
    private volatile String lastData = "";

    /** @param attends in which runs it is there */
    FollowingClient(String name, String topic, ServerRuns runs, Predicate<ServerRun> attends) {
        this(name, topic, runs, attends, UnaryOperator.identity());
    }

    /** @param resumeAfter makes the id that it resumes with of its last one: a fault, where it is not the same */
    FollowingClient(String name, String topic, ServerRuns runs, Predicate<ServerRun> attends, UnaryOperator<EventId> resumeAfter) {
        this.name = name;
        this.topic = topic;
        this.runs = runs;
        this.attends = attends;
        this.resumeAfter = resumeAfter;
    }

    @Override
    public Follower call() throws InterruptedException {
        int seen = 0;
        for (Optional<ServerRun> run = runs.awaitAfter(seen); run.isPresent(); run = runs.awaitAfter(seen)) {
            seen = run.get().number();
            if (attends.test(run.get())) {
                follow(run.get().uri());
            }
        }
        return new Follower(name, topic, blocks);
    }

    /** Everything up to the event with {@code end}. */
    static Follower readAll(URI server, String end, String... headers) throws IOException {
        var reader = new FollowingClient("log", History.EVERYTHING, new ServerRuns(), run -> true);
        try (EventStream stream = EventStream.openIfAllowed(server, "/topics/**?since=earliest", List.of(headers), 0).orElseThrow()) {
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
        read(block).ifPresent(read -> {
            blocks.add(read);
            lastId = EventId.parse(block.id()).orElseThrow();
            lastData = read instanceof Block.Delivered ? block.data() : lastData;
        });
    }

    /** What guarantees hang on in {@code block}; empty where that is nothing. */
    public static Optional<Block> read(SseBlock block) {
        Optional<EventId> id = EventId.parse(block.id());
        if (id.isEmpty()) {
            // A stream that ends before it has begun has no id to give.
            if (!block.id().isEmpty() || (block.isEvent() && !block.is("hark.close"))) {
                throw new AssertionError("no id: " + block.raw());
            }
            return Optional.empty();
        }
        if (block.isPosition() || block.is("hark.close")) {
            return Optional.of(new Block.Position(id.get()));
        }
        return Optional.of(block.is("hark.gap") ? gap(block, id.get()) : new Block.Delivered(id.get(), block.data()));
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
