package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Topics that linger, over sockets: each write of the hub is a chunk, so that a client can count them. */
class LingerIT {
    private static final Duration WAITED_FOR = Duration.ofSeconds(1);

    /** What no test waits for. */
    private static final Duration LONG = Duration.ofSeconds(10);

    private static RunningHub start(Duration linger) {
        return RunningHub.start("topics.0.match=ticks/**", "topics.0.overflow=replay", "topics.0.linger=" + linger);
    }

    /**
     * An event that waits.
     *
     * @param before     how many came before it, each of which went at once, in a write of its own
     * @param sinceNanos when it was published
     */
    private record Waiting(int before, long sinceNanos) {}

    /**
     * Publishes events {@code 1} until one waits: to a stream that is still awake, as each is behind its first block, one goes at once.
     * What went has been read then.
     */
    private static Waiting publishUntilOneWaits(RunningHub hub, Wire wire) {
        hub.awaitStreams(1);
        int before = 0;
        while (true) {
            long since = System.nanoTime();
            hub.publish("ticks/a", "1");
            int given = before;
            await("given or waiting").atMost(Wire.PATIENCE).pollDelay(Duration.ZERO).until(() ->
                    hub.read(HubMeter.LINGERED_EVENTS) == 1 || hub.read(HubMeter.DELIVERED_EVENTS) > given);
            if (hub.read(HubMeter.LINGERED_EVENTS) == 1) {
                return new Waiting(before, since);
            }
            assertThat(wire.data(1)).containsExactly("1");
            before++;
        }
    }

    @Test
    void putsEventsIntoOneWriteThatComeWithinTheTime() {
        try (RunningHub hub = start(WAITED_FOR);
                Wire wire = hub.open("/topics/ticks/a")) {
            Waiting first = publishUntilOneWaits(hub, wire);
            hub.publish("ticks/a", "2");
            hub.publish("ticks/a", "3");
            long due = first.sinceNanos() + WAITED_FOR.toNanos();
            boolean allWait = false;
            while (!allWait && System.nanoTime() < due) {
                allWait = hub.read(HubMeter.LINGERED_EVENTS) == 3;
            }
            assertThat(wire.data(3)).containsExactly("1", "2", "3");
            assertThat(System.nanoTime()).as("the delay is what it costs").isGreaterThanOrEqualTo(due);
            // A machine that has too much to do may have been late with one of them.
            if (allWait) {
                assertThat(wire.chunks()).as("the first block, and all three").hasSize(1 + first.before() + 1);
                assertThat(hub.read(HubMeter.LINGERED_WRITES)).isEqualTo(1);
            }
            hub.publish("ticks/a", "4");
            assertThat(wire.data(1)).as("again, after a silence").containsExactly("4");
            assertThat(hub.admin("/metrics").body()).contains("\nhark_lingered_writes_total ", "\nhark_lingered_events_total ");
        }
    }

    @Test
    @Tag("long")
    void givesAStreamOfManyTopicsAllThatWaitsWithAnEventThatDoesNot() throws InterruptedException {
        try (RunningHub hub = start(LONG);
                Wire all = hub.open("/topics/**");
                Wire ticks = hub.open("/topics/ticks/*")) {
            hub.awaitStreams(2);
            // Both sleep then: to a stream that is still awake an event goes at once.
            Thread.sleep(WAITED_FOR);
            long begun = System.nanoTime();
            hub.publish("ticks/a", "1");
            hub.publish("ticks/b", "2");
            hub.publish("orders/a", "3");
            assertThat(all.data(3)).containsExactly("1", "2", "3");
            assertThat(System.nanoTime() - begun).as("it did not wait").isLessThan(LONG.toNanos());
            assertThat(all.chunks()).hasSize(2);
            hub.publish("orders/b", "4");
            assertThat(all.data(1)).containsExactly("4");
            assertThat(ticks.data(2)).as("this one did").containsExactly("1", "2");
            assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(LONG.toNanos());
        }
    }

    @Test
    void sendsABurstThatFillsAWriteAtOnce() {
        try (RunningHub hub = start(LONG);
                Wire wire = hub.open("/topics/ticks/a")) {
            hub.awaitStreams(1);
            String batch = IntStream.range(0, 40)
                    .mapToObj(i -> "{\"topic\":\"ticks/a\",\"data\":\"" + i + "-" + "x".repeat(1_000) + "\"}")
                    .collect(Collectors.joining("\n"));
            long begun = System.nanoTime();
            assertThat(hub.post("/events", batch, "Content-Type", "application/x-ndjson").status()).isEqualTo(201);
            // Of what comes while the subscriber is still awake it may take any part at once. Of the rest as much goes as fills writes, and
            // what is left is less than one of them, which has room for 16 at most.
            List<String> data = wire.data(24);
            assertThat(System.nanoTime() - begun).as("it did not wait").isLessThan(LONG.toNanos());
            assertThat(data).extracting(each -> each.substring(0, each.indexOf('-')))
                    .containsExactlyElementsOf(IntStream.range(0, 24).mapToObj(Integer::toString).toList());
            assertThat(wire.chunks().size()).as("the first block, and full writes").isLessThanOrEqualTo(4);
        }
    }

    @Test
    void sendsWhatWaitsBeforeItEnds() {
        try (RunningHub hub = start(LONG);
                Wire wire = hub.open("/topics/ticks/a")) {
            publishUntilOneWaits(hub, wire);
            hub.publish("ticks/a", "2");
            hub.awaitMeter(HubMeter.LINGERED_EVENTS, count -> count == 2);
            assertThat(hub.read(HubMeter.MAILBOX_WAITING)).isEqualTo(2);
            hub.drain();
            var types = new ArrayList<String>();
            var ids = new ArrayList<String>();
            for (SseBlock block : wire.blocks(3)) {
                types.add(block.is("hark.close") ? "hark.close" : block.data());
                ids.add(block.id());
            }
            assertThat(types).containsExactly("1", "2", "hark.close");
            assertThat(ids.get(2)).as("nobody resumes before what he was given").isEqualTo(ids.get(1));
            assertThat(wire.blockOrEnd()).isEmpty();
            assertThat(wire.isFinished()).isTrue();
        }
    }
}
