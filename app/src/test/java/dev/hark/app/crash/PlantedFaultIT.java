package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Program;
import dev.hark.app.Wire;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults planted into a real server's files and a real client's ids: the checker, told nothing of them, finds each. */
@Tag("long")
class PlantedFaultIT {
    private static final String TOPIC = PublishingClient.TOPICS.getFirst();
    private static final int COUNT = 10;

    @TempDir
    private Path folder;

    private final Lives lives = new Lives();
    private final PublishingClient publisher = new PublishingClient("p", lives, new AtomicLong(), 1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private DurableServer server;
    private int sent;

    @BeforeEach
    void prepare() {
        server = new DurableServer(folder);
    }

    @AfterEach
    void endWhatWasStarted() {
        lives.end();
        threads.shutdownNow();
        server.close();
    }

    /** As a disk does that acknowledges what it has not written: at the loss of power the newest events are gone. */
    @Test
    void whatWasAcknowledgedBeforeItWasOnDiskIsALoss() throws Exception {
        Program first = server.start();
        URI uri = begin(first);
        var client = new FollowingClient("f", History.EVERYTHING, lives, life -> true);
        Future<Follower> follower = threads.submit(client);
        publish(uri, COUNT);
        Path onDisk = copy(server.logFolder(), "on-disk", file -> !file.endsWith("-mark") && !file.endsWith("-shm"));
        List<Sent> gone = publish(uri, COUNT);
        await("given").atMost(Wire.PATIENCE).until(() -> client.lastData().equals(gone.getLast().data()));
        long acknowledged = lastAcknowledged();
        await("the mark").atMost(Wire.PATIENCE).until(() -> markedAsAcknowledged() >= acknowledged);
        DurableServer.kill(first);
        putBack(onDisk, file -> file.endsWith("-mark"));

        Program second = server.start();
        History history = finish(second, client, follower);
        assertThat(second.err()).contains("acknowledged events of the log").contains("are lost");
        List<Verdict> verdicts = HistoryChecker.judge(history);
        assertThat(verdicts).allMatch(verdict -> verdict instanceof Verdict.Lost);
        assertThat(verdicts)
                .extracting(verdict -> ((Verdict.Lost) verdict).data()).containsExactlyElementsOf(gone.stream().map(Sent::data).toList());
        assertThat(history.followers().getFirst().blocks())
                .filteredOn(block -> block instanceof Block.Gap gap && gap.reason().equals("reset")).hasSize(1);
    }

    /** A backup that was put back whole: nothing in it tells of what came after. */
    @Test
    void aNumberUsedAgainIsFound() throws Exception {
        Program first = server.start();
        publish(begin(first), COUNT);
        first.terminate();
        assertThat(first.awaitExit()).isZero();
        Path backup = copy(server.logFolder(), "backup", file -> true);

        Program second = server.start();
        publish(begin(second), COUNT);
        DurableServer.kill(second);
        putBack(backup, file -> false);

        Program third = server.start();
        URI uri = begin(third);
        List<Sent> last = publish(uri, COUNT);
        List<Verdict> verdicts = HistoryChecker.judge(
                new History(publisher.attempts(), List.of(), FollowingClient.readAll(uri, last.getLast().data())));
        assertThat(verdicts).hasSize(COUNT).allMatch(verdict -> verdict instanceof Verdict.Reused);
    }

    @Test
    void aReplayThatBeginsOneTooLateIsFound() throws Exception {
        assertThat(HistoryChecker.judge(resumedWith(id -> new EventId(id.epoch(), id.sequence() + 1))))
                .singleElement()
                .isInstanceOf(Verdict.Undelivered.class);
    }

    @Test
    void aReplayThatBeginsOneTooEarlyIsFound() throws Exception {
        assertThat(HistoryChecker.judge(resumedWith(id -> new EventId(id.epoch(), id.sequence() - 1))))
                .hasSize(2)
                .hasOnlyElementsOfTypes(Verdict.DeliveredTwice.class, Verdict.DeliveredOutOfOrder.class);
    }

    @Test
    void aReplayThatBeginsWhereItShouldIsNotBlamed() throws Exception {
        assertThat(HistoryChecker.judge(resumedWith(id -> id))).isEmpty();
    }

    /** A follower that is away while events are published, and comes back in the next life. */
    private History resumedWith(UnaryOperator<EventId> resumeAfter) throws Exception {
        var client = new FollowingClient("f", TOPIC, lives, life -> life.number() != 2, resumeAfter);
        Program first = server.start();
        URI uri = begin(first);
        Future<Follower> follower = threads.submit(client);
        List<Sent> seen = publish(uri, COUNT);
        await("given").atMost(Wire.PATIENCE).until(() -> client.lastData().equals(seen.getLast().data()));
        first.terminate();
        assertThat(first.awaitExit()).isZero();

        Program second = server.start();
        publish(begin(second), COUNT);
        // After a clean stop the next number follows, so that the one after the client's id is an event's.
        second.terminate();
        assertThat(second.awaitExit()).isZero();
        return finish(server.start(), client, follower);
    }

    private URI begin(Program program) {
        return lives.begin(program.awaitUri(), false).uri();
    }

    private List<Sent> publish(URI uri, int count) throws InterruptedException {
        List<Sent> batch = IntStream.range(0, count).mapToObj(i -> new Sent(TOPIC, "event " + sent++, null)).toList();
        for (Sent each : batch) {
            assertThat(publisher.publish(uri, List.of(each)).orElseThrow()).isInstanceOf(Outcome.Acknowledged.class);
        }
        return batch;
    }

    /** Publishes once more, waits until the follower has that, and reads everything back. */
    private History finish(Program program, FollowingClient client, Future<Follower> follower) throws Exception {
        URI uri = begin(program);
        String end = publish(uri, 1).getFirst().data();
        await("the end").atMost(Wire.PATIENCE).until(() -> client.lastData().equals(end));
        Follower readBack = FollowingClient.readAll(uri, end);
        lives.end();
        DurableServer.kill(program);
        return new History(publisher.attempts(), List.of(follower.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)), readBack);
    }

    private long lastAcknowledged() {
        Attempt last = publisher.attempts().getLast();
        return ((Outcome.Acknowledged) last.outcome()).ids().getFirst().sequence();
    }

    /** What the mark beside the database says: the fifth field of the newer of its two slots. */
    private long markedAsAcknowledged() throws IOException {
        ByteBuffer mark = ByteBuffer.wrap(Files.readAllBytes(server.database().resolveSibling("hark.db-mark")));
        return Math.max(mark.getLong(32), mark.getLong(512 + 32));
    }

    private Path copy(Path from, String name, Predicate<String> wanted) throws IOException {
        Path to = Files.createDirectory(folder.resolve(name));
        copyAll(from, to, wanted);
        return to;
    }

    /** What came to be since goes, a WAL above all, but for what is to be kept. */
    private void putBack(Path files, Predicate<String> kept) throws IOException {
        try (Stream<Path> newer = Files.list(server.logFolder())) {
            for (Path file : newer.filter(each -> !kept.test(each.getFileName().toString())).toList()) {
                Files.delete(file);
            }
        }
        copyAll(files, server.logFolder(), file -> true);
    }

    private static void copyAll(Path from, Path to, Predicate<String> wanted) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(each -> wanted.test(each.getFileName().toString())).toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
