package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.hook.Receiver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A hook of two nodes, of which one calls for both. */
@ResourceLock(SilentLog.LOG)
class HooksOfNodesIT {
    @TempDir
    private Path folder;

    private final Receiver receiver = new Receiver();
    private NatsServer nats;
    private RunningHub one;
    private RunningHub two;

    @BeforeEach
    void start() throws Exception {
        nats = NatsServer.start(folder);
        one = node("one");
        two = node("two");
    }

    private RunningHub node(String name, String... more) {
        return nats.node(name, Stream.concat(
                Stream.of("hooks.0.name=presence", "hooks.0.url=" + receiver.url(), "hooks.0.secret=" + Receiver.SECRET,
                        "hooks.0.topics=orders/*", "hooks.0.settle=PT0.3S"),
                Stream.of(more)).toArray(String[]::new));
    }

    @AfterEach
    void stop() {
        List.of(one, two).forEach(RunningHub::close);
        nats.close();
        receiver.close();
    }

    private static boolean calls(RunningHub node) {
        return node.admin("/api/hooks").body().contains("\"state\":\"running\"");
    }

    @Test
    void tellsOfTheFirstStreamOfBothAndOfTheLastAndGoesOnWithoutTheNodeThatCalled() {
        Wire there = two.open("/topics/orders/1");
        receiver.awaitTold("topic.listened orders/1");
        try (Wire here = one.open("/topics/orders/1"); Wire another = one.open("/topics/orders/2")) {
            receiver.awaitTold("topic.listened orders/2");
            there.close();
            // It leaves later than the stream there does.
            two.awaitStreams(0);
            Wire last = two.open("/topics/orders/3");
            receiver.awaitTold("topic.listened orders/3");
            last.close();
            receiver.awaitTold("topic.left orders/3");
            assertThat(here.isFinished() || another.isFinished()).isFalse();
        }
        receiver.awaitTold("topic.left orders/1");
        receiver.awaitTold("topic.left orders/2");
        assertThat(receiver.told().stream().filter(event -> event.endsWith("orders/1")))
                .containsExactly("topic.listened orders/1", "topic.left orders/1");

        await().atMost(NatsServer.PATIENCE).until(() -> Stream.of(one, two).filter(HooksOfNodesIT::calls).count() == 1);
        RunningHub caller = calls(one) ? one : two;
        RunningHub other = caller == one ? two : one;
        caller.close();
        try (Wire stream = other.open("/topics/orders/4")) {
            receiver.awaitTold("topic.listened orders/4");
            assertThat(stream.isFinished()).isFalse();
        }
        assertThat(receiver.calls()).allSatisfy(call -> assertThat(call.genuine()).isTrue());
        assertThat(receiver.told().stream().filter(event -> event.startsWith("hook.reset")))
                .containsOnly("hook.reset new");
    }

    /** Its streams are closed spread over longer than another node waits for one that says nothing. */
    @Test
    @Tag("long")
    void tellsNotThatTopicsAreLeftWhoseStreamsANodeStillHasThatTakesTimeOverItsEnd() {
        List<Wire> streams = new ArrayList<>();
        try (RunningHub ends = node("ends", "drain.window=PT40S")) {
            IntStream.range(0, 40).forEach(i -> streams.add(ends.open("/topics/orders/" + i)));
            IntStream.range(0, 40).forEach(i -> receiver.awaitTold("topic.listened orders/" + i));
            ends.drain();
            assertThat(receiver.told()).noneMatch(event -> event.startsWith("topic.left"));
            IntStream.range(0, 40).forEach(i -> receiver.awaitTold("topic.left orders/" + i));
        } finally {
            streams.forEach(Wire::close);
        }
    }
}
