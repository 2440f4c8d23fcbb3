package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.event.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go, stall, dawdle and babble: each is noticed, counted and treated as configured, and leaves nothing behind. */
@ExtendWith(SilentLog.class)
abstract class MisbehavingClients {
    private final Engine engine;

    MisbehavingClients(Engine engine) {
        this.engine = engine;
    }

    /** A noticed departure takes well under 50 ms on loopback; the bound allows for a machine that does other things too. */
    private static final Duration NOTICED = Duration.ofSeconds(2);

    private static final int SMALL_BUFFER = 4 << 10;
    private static final int KEYS = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aClientThatClosesIsNoticedAtOnce() {
        assertNoticed("closed", Wire::close);
    }

    @Test
    void aClientThatResetsIsNoticedAtOnce() {
        assertNoticed("reset", Wire::reset);
    }

    @Test
    void aClientThatClosesItsSendingHalfIsGoneToo() {
        assertNoticed("half-closed", Wire::closeSendingHalf);
    }

    private void assertNoticed(String how, Consumer<Wire> leave) {
        int times = 20;
        long[] micros = new long[times];
        try (RunningHub hub = RunningHub.start(engine)) {
            for (int i = 0; i < times; i++) {
                Wire wire = hub.open("/topics/a");
                hub.awaitStreams(1);
                long start = System.nanoTime();
                leave.accept(wire);
                long deadline = start + NOTICED.toNanos();
                while (hub.read(HubMeter.STREAMS) > 0 && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
                micros[i] = (System.nanoTime() - start) / 1000;
                assertThat(hub.read(HubMeter.STREAMS)).as("%s, unnoticed after %s", how, NOTICED).isZero();
                wire.close();
            }
            hub.awaitStreams(0);
            assertThat(hub.read(HubMeter.STREAMS_GONE)).isEqualTo(times);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(times);
            assertThat(hub.post("/topics/a", "x").json().path("subscribers").asInt()).isZero();
        }
        Arrays.sort(micros);
        System.out.printf("A client that %s was noticed after %d µs (median), %d µs at most, of %d%n",
                how, micros[times / 2], micros[times - 1], times);
    }

    @Test
    void aStalledClientIsCutAndNobodyElseWaits() {
        try (RunningHub hub = RunningHub.start(engine, "delivery.write-timeout=PT0.5S", "delivery.send-buffer=4KiB");
                Wire healthy = hub.open("/topics/flood");
                Wire stalled = Wire.connect(hub.uri(), SMALL_BUFFER).request("GET", "/topics/flood")) {
            stalled.block();
            hub.awaitStreams(2);
            String kilobyte = "x".repeat(1024);
            for (int i = 0; i < 200; i++) {
                hub.publish("flood", kilobyte);
                assertThat(healthy.block().data()).as("each arrives while the other is stalled").isEqualTo(kilobyte);
            }

            hub.awaitMeter(HubMeter.STREAMS_STALLED, count -> count == 1);
            hub.awaitStreams(1);
            await("its mailbox is given back").atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.MAILBOX_WAITING) == 0);
            await("only the healthy one's").atMost(Wire.PATIENCE).until(() -> virtualThreads("hark-stream") == 1);
            assertThat(hub.read(HubMeter.STREAMS_GONE)).isZero();

            hub.publish("flood", "after");
            assertThat(healthy.block().data()).isEqualTo("after");
        }
    }

    @Test
    void aClientThatLeavesWhileItIsWrittenToIsGoneAndNotStalled() {
        try (RunningHub hub = RunningHub.start(engine, "delivery.write-timeout=PT60S", "delivery.send-buffer=4KiB");
                Wire stalled = Wire.connect(hub.uri(), SMALL_BUFFER).request("GET", "/topics/slow/**")) {
            stalled.block();
            hub.awaitStreams(1);
            flood(hub, 300);
            stalled.reset();
            hub.awaitStreams(0);
            assertThat(hub.read(HubMeter.STREAMS_GONE)).isEqualTo(1);
            assertThat(hub.read(HubMeter.STREAMS_STALLED)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop-oldest", "drop-newest", "conflate"})
    void whatASlowClientMissesIsWhatIsAnnouncedAndCounted(String policy) {
        int count = 500;
        try (RunningHub hub = slowHub(policy);
                Wire slow = openSlow(hub)) {
            List<String> ids = flood(hub, count);
            hub.awaitMeter(HubMeter.LANE_BACKLOG, backlog -> backlog == 0);

            var given = new TreeSet<Long>();
            var gaps = new ArrayList<Gap>();
            long dropped = 0;
            while (given.size() + dropped < count) {
                SseBlock block = slow.block();
                if (block.is("hark.gap")) {
                    Gap gap = Gap.of(block);
                    gaps.add(gap);
                    dropped += gap.dropped();
                } else {
                    assertThat(given.isEmpty() || given.last() < block.sequence()).as("in order").isTrue();
                    given.add(block.sequence());
                }
            }
            String end = hub.publish("slow/key-0", "end");
            assertThat(slow.block().id()).as("and after it nothing but what comes").isEqualTo(end);

            Set<Long> missing = new HashSet<>();
            ids.forEach(id -> missing.add(sequence(id)));
            missing.removeAll(given);
            assertThat(missing).as("the test floods enough for something to be dropped").isNotEmpty();
            assertThat(dropped).as("what is announced is what is missing").isEqualTo(missing.size());
            HubMeter meter = HubMeter.valueOf(switch (policy) {
                case "drop-oldest" -> "DROPPED_OLDEST";
                case "drop-newest" -> "DROPPED_NEWEST";
                default -> "DROPPED_CONFLATED";
            });
            assertThat(hub.read(meter)).as(meter.metricName()).isEqualTo(dropped);
            assertThat(hub.read(HubMeter.GAPS_OVERFLOW)).isEqualTo(gaps.size());
            assertThat(gaps).allSatisfy(gap -> assertThat(gap.reason()).isEqualTo("overflow"));
            if (policy.equals("conflate")) {
                assertThat(given).as("the latest of each key")
                        .containsAll(ids.subList(count - KEYS, count).stream().map(MisbehavingClients::sequence).toList());
            } else {
                assertThat(gaps).as("each names its own range").allSatisfy(gap -> assertThat(missing.stream()
                                .filter(sequence -> sequence > gap.after() && sequence <= gap.resumedAt())
                                .count())
                        .isEqualTo(gap.dropped()));
            }
        }
    }

    @Test
    void aSlowClientCatchesUpFromTheLogUnderReplay() {
        int count = 1000;
        try (RunningHub hub = slowHub("replay");
                Wire slow = openSlow(hub)) {
            List<String> ids = flood(hub, count);

            assertThat(slow.blocks(count)).extracting(SseBlock::id).isEqualTo(ids);
            assertThat(hub.read(HubMeter.MAILBOX_SPILLS)).isPositive();
            assertThat(hub.read(HubMeter.GAPS_OVERFLOW)).isZero();
            assertThat(hub.read(HubMeter.REPLAYED_EVENTS)).isPositive();
            String end = hub.publish("slow/key-0", "end");
            assertThat(slow.block().id()).isEqualTo(end);
        }
    }

    @Test
    void aClientTooSlowForTheRetentionIsToldWhatItMisses() {
        int count = 1000;
        try (RunningHub hub = slowHub("replay", "log.retention.events=50", "log.hot-events=50");
                Wire slow = openSlow(hub)) {
            List<String> ids = flood(hub, count);
            // A database is trimmed about once a second.
            hub.awaitMeter(HubMeter.LOG_FLOOR, floor -> floor > 0);

            var missing = new TreeSet<>(ids.stream().map(MisbehavingClients::sequence).toList());
            var announced = new TreeSet<Long>();
            long last = sequence(ids.getLast());
            for (long at = 0; at < last; ) {
                SseBlock block = slow.block();
                if (block.is("hark.gap")) {
                    Gap gap = Gap.of(block);
                    assertThat(gap.reason()).isEqualTo("retention");
                    announced.addAll(missing.subSet(gap.after(), false, gap.resumedAt(), true));
                } else {
                    missing.remove(block.sequence());
                }
                at = block.sequence();
            }
            assertThat(missing).isNotEmpty().isEqualTo(announced);
            assertThat(hub.read(HubMeter.GAPS_RETENTION)).isPositive();
        }
    }

    @Test
    void aSlowClientIsSentAwayUnderDisconnectAndResumesExactly() {
        int count = 500;
        try (RunningHub hub = slowHub("disconnect");
                Wire slow = openSlow(hub)) {
            List<String> ids = flood(hub, count);
            hub.awaitMeter(HubMeter.LANE_BACKLOG, backlog -> backlog == 0);

            var given = new ArrayList<String>();
            SseBlock block = slow.block();
            for (; !block.is("hark.close"); block = slow.block()) {
                given.add(block.id());
            }
            assertClosing(block, "slow");
            assertThat(slow.blockOrEnd()).isEmpty();
            assertThat(given).isEqualTo(ids.subList(0, given.size())).hasSizeLessThan(count);
            hub.awaitMeter(HubMeter.STREAMS_CLOSED_SLOW, closed -> closed == 1);

            try (Wire again = hub.open("/topics/slow/**", "Last-Event-ID: " + given.getLast())) {
                assertThat(again.blocks(count - given.size())).extracting(SseBlock::id).isEqualTo(ids.subList(given.size(), count));
            }
        }
    }

    @Test
    void aFewBytesAfterTheRequestAreIgnored() {
        try (RunningHub hub = RunningHub.start(engine);
                Wire wire = Wire.subscribe(hub.uri(), "/topics/a", "Content-Length: 5").send("hello")) {
            wire.block();
            wire.request("GET", "/topics/b").request("POST", "/topics/a", "Content-Length: 0");
            String id = hub.publish("a", "x");
            assertThat(wire.block().id()).as("nobody answers what stands behind").isEqualTo(id);
            assertThat(hub.read(HubMeter.STREAMS)).isEqualTo(1);
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(1);
        }
    }

    @Test
    void aFloodOfBytesAfterTheRequestEndsTheStream() {
        try (RunningHub hub = RunningHub.start(engine);
                Wire wire = hub.open("/topics/a")) {
            hub.awaitStreams(1);
            try {
                for (int i = 0; i < 1000 && hub.read(HubMeter.STREAMS) > 0; i++) {
                    wire.send(new byte[1024]);
                }
            } catch (UncheckedIOException e) {
                assertThat(e).as("the connection was closed under the flood").hasCauseInstanceOf(IOException.class);
            }
            hub.awaitStreams(0);
            assertThat(hub.read(HubMeter.STREAMS_GONE)).isEqualTo(1);
        }
    }

    @Test
    void aFullHubSendsStreamsAwayForAWhile() {
        try (RunningHub hub = RunningHub.start(engine, "limits.subscribers=2", "delivery.retry=PT1S", "cors.origins=*");
                Wire first = hub.open("/topics/a")) {
            Wire second = hub.open("/topics/a");
            for (int i = 1; i <= 3; i++) {
                String id = hub.hub().id(i).toString();
                try (Wire third =
                        Wire.subscribe(hub.uri(), "/topics/a", "Origin: https://shop.example.com", "Last-Event-ID: " + id)) {
                    assertThat(third.head())
                            .contains(
                                    "HTTP/1.1 200 OK", "Content-Type: text/event-stream;charset=utf-8", "Connection: close",
                                    "Cache-Control: no-cache, no-transform")
                            .anyMatch(line -> line.startsWith("Access-Control-Allow-Origin:"));
                    assertThat(third.rest())
                            .matches("retry: 1[0-9]{3}\nevent: hark.close\nid: " + id + "\ndata: \\{\"reason\":\"overloaded\"}\n\n");
                    assertThat(third.isFinished()).isTrue();
                    assertThat(third.isAtEnd()).as("the connection is closed").isTrue();
                }
                assertThat(hub.read(HubMeter.STREAMS_REFUSED)).isEqualTo(i);
            }
            assertThat(hub.post("/topics/a", "x").status()).as("publishing goes on").isEqualTo(201);
            assertThat(first.block().data()).isEqualTo("x");

            second.close();
            await("the place is given back behind the end of its stream").atMost(Wire.PATIENCE).until(() -> {
                try (Wire fourth = Wire.subscribe(hub.uri(), "/topics/a")) {
                    fourth.head();
                    return fourth.block().is("hark.open");
                }
            });
        }
    }

    @Test
    void aFullHubAnswersWithItsStatusWhereThatIsAskedFor() {
        try (RunningHub hub = RunningHub.start(engine, "limits.subscribers=1", "limits.overload-answer=status");
                Wire only = hub.open("/topics/a")) {
            Answer answer = hub.get("/topics/a");
            Refusal.assertRefused(answer, ProblemType.OVERLOADED);
            assertThat(answer.header("Retry-After").orElse("")).matches("[1-9][0-9]*");
            assertThat(hub.read(HubMeter.STREAMS_REFUSED)).isEqualTo(1);
            hub.publish("a", "x");
            assertThat(only.block().data()).isEqualTo("x");
        }
    }

    @Test
    void aSubscriptionThatIsTooLargeIsRefusedHoweverEmptyTheHub() {
        try (RunningHub hub = RunningHub.start(engine, "limits.subscription-bytes=64KiB")) {
            String most = longFilters("a", 60);
            hub.open(most).close();
            Answer answer = hub.get(longFilters("a", 100));
            Refusal.assertRefused(answer, ProblemType.INVALID_FILTER, "100 topic filters", "65536");
            assertThat(hub.request("HEAD", longFilters("a", 100)).status()).isEqualTo(400);
            Refusal.assertRefused(hub.get("/events?topic=" + "*/".repeat(239) + '*'), ProblemType.INVALID_FILTER, "240 segments", "32");
            assertThat(hub.read(HubMeter.SUBSCRIPTIONS_TOO_LARGE)).isEqualTo(2);
            assertThat(hub.read(HubMeter.STREAMS_REFUSED)).as("its client is told not to come back").isZero();
            hub.awaitMeter(HubMeter.INDEX_BYTES, bytes -> bytes == 0);
        }
    }

    @Test
    void aFullIndexRefusesStreamsUntilOthersHaveGone() {
        try (RunningHub hub = RunningHub.start(engine, "limits.index-bytes=1MiB", "limits.overload-answer=status")) {
            var wires = new ArrayList<Wire>();
            try {
                while (hub.read(HubMeter.INDEX_BYTES) <= (1 << 20) - 100_000) {
                    wires.add(hub.open(longFilters("s" + wires.size(), 100)));
                }
                Answer refusal = hub.get(longFilters("more", 100));
                assertThat(wires).hasSizeBetween(8, 12);
                Refusal.assertRefused(refusal, ProblemType.OVERLOADED, "limits.index-bytes", "1048576");
                assertThat(hub.read(HubMeter.STREAMS_REFUSED_INDEX)).isEqualTo(1);
                assertThat(hub.read(HubMeter.STREAMS_REFUSED)).isEqualTo(1);
                long full = hub.read(HubMeter.INDEX_BYTES);
                assertThat(full).isBetween((1L << 20) - 100_000, 1L << 20);

                // Small ones have room as long as there is some, and what is there goes on.
                hub.open("/topics/small").close();
                hub.awaitStreams(wires.size());
                hub.awaitMeter(HubMeter.INDEX_BYTES, bytes -> bytes == full);
                hub.publish("s0/0/" + "x".repeat(290), "still there");
                assertThat(wires.getFirst().block().data()).isEqualTo("still there");

                wires.removeLast().close();
                hub.awaitStreams(wires.size());
                // Given back behind the end of the stream.
                hub.awaitMeter(HubMeter.INDEX_BYTES, bytes -> bytes < full);
                wires.add(hub.open(longFilters("more", 100)));
            } finally {
                wires.forEach(Wire::close);
            }
            hub.awaitMeter(HubMeter.INDEX_BYTES, bytes -> bytes == 0);
        }
    }

    @Test
    void aHubWithTooManyShapesOfFiltersStillTakesSimpleOnes() {
        try (RunningHub hub = RunningHub.start(engine)) {
            var wires = new ArrayList<Wire>();
            try {
                boolean refused = false;
                for (int i = 0; i < 100 && !refused; i++) {
                    Wire wire = Wire.subscribe(hub.uri(), shapes(i));
                    wires.add(wire);
                    assertThat(wire.head()).contains("HTTP/1.1 200 OK");
                    refused = wire.block().is("hark.close");
                }
                assertThat(wires).as("of a hundred shapes each").hasSize(11);
                hub.awaitMeter(HubMeter.STREAMS_REFUSED_INDEX, count -> count == 1);
                try (Wire simple = hub.open("/events?topic=a/*/c&topic=b/**&topic=c")) {
                    hub.publish("a/b/c", "x");
                    assertThat(simple.block().data()).isEqualTo("x");
                }
            } finally {
                wires.forEach(Wire::close);
            }
            hub.awaitStreams(0);
            // Given back behind the ends of the streams.
            hub.awaitMeter(HubMeter.INDEX_BYTES, bytes -> bytes == 0);
            hub.open(shapes(10)).close();
        }
    }

    /** A subscription to many filters of 300 bytes each. */
    private static String longFilters(String first, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "topic=" + first + '/' + i + '/' + "x".repeat(290))
                .collect(Collectors.joining("&", "/events?", ""));
    }

    private static String bits(int number) {
        return IntStream.range(0, 14).mapToObj(bit -> (number & 1 << bit) == 0 ? "z" : "*").collect(Collectors.joining("/"));
    }

    /** A subscription to a hundred filters that have their wildcards at other places than those of any other number. */
    private static String shapes(int number) {
        return IntStream.range(0, 100)
                .mapToObj(i -> "topic=*/*/" + bits(number * 100 + i) + '/' + i)
                .collect(Collectors.joining("&", "/events?", ""));
    }

    @Test
    void aDrainingHubTellsEachStreamAndRefusesNewOnes() throws Exception {
        try (RunningHub hub = RunningHub.start(engine, "drain.window=PT0.5S");
                ExecutorService drain = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Wire> wires = IntStream.range(0, 20).mapToObj(i -> hub.open("/topics/a")).toList();
            Future<?> done = drain.submit(hub::drain);
            for (Wire wire : wires) {
                assertClosing(wire.block(), "draining");
                assertThat(wire.blockOrEnd()).isEmpty();
                wire.close();
            }
            done.get();
            // Counted once it is written, which its client may have read before.
            hub.awaitMeter(HubMeter.STREAMS_CLOSED_DRAINING, count -> count == 20);
        }
    }

    @Test
    void comingAndGoingLeavesNothingBehind() throws Exception {
        comeAndGo(2000);
    }

    @Test
    @Tag("long")
    void comingAndGoingTenThousandTimesLeavesNothingBehind() throws Exception {
        comeAndGo(10_000);
    }

    private void comeAndGo(int times) throws Exception {
        try (RunningHub hub = RunningHub.start(engine, "delivery.send-buffer=4KiB")) {
            comeAndGo(hub, 200); // whatever is opened once is open now
            long descriptors = descriptors();
            long connections = virtualThreads("WebServer socket");
            long platformThreads = Thread.getAllStackTraces().size();
            long opened = hub.read(HubMeter.STREAMS_OPENED);

            comeAndGo(hub, times);

            assertThat(hub.read(HubMeter.STREAMS_OPENED) - opened).isEqualTo(times);
            assertThat(hub.hub().subscribers(new Topic("a"))).isZero();
            assertThat(hub.read(HubMeter.MAILBOX_WAITING)).isZero();
            await("descriptors").atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 5));
            await("virtual threads").atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(virtualThreads("hark-stream")).isZero());
            await("connections").atMost(Wire.PATIENCE)
                    .untilAsserted(() -> assertThat(virtualThreads("WebServer socket")).isLessThanOrEqualTo(connections + 5));
            assertThat((long) Thread.getAllStackTraces().size()).isLessThanOrEqualTo(platformThreads + 5);
        }
    }

    /** In every way that a client can: before the head, after the first block, with data on its way, politely and not. */
    private static void comeAndGo(RunningHub hub, int times) throws Exception {
        var atOnce = new Semaphore(64);
        var done = new ArrayList<Future<?>>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < times; i++) {
                int way = i % 5;
                atOnce.acquire();
                done.add(clients.submit(() -> {
                    try {
                        leave(hub, way);
                    } finally {
                        atOnce.release();
                    }
                }));
                if (i % 50 == 0) {
                    hub.publish("a", "x".repeat(4096));
                }
            }
        }
        for (Future<?> client : done) {
            try {
                client.get();
            } catch (ExecutionException e) {
                throw new AssertionError("a client failed", e);
            }
        }
        // The head may still be on its way to the handler where the client did not wait for an answer.
        long expected = done.size();
        await("all were admitted").atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.STREAMS_OPENED) >= expected);
        hub.awaitStreams(0);
    }

    private static void leave(RunningHub hub, int way) {
        Wire wire = Wire.subscribe(hub.uri(), way == 4 ? "/topics/a?since=earliest" : "/topics/a");
        switch (way) {
            case 0 -> {
                wire.head();
                wire.close();
            }
            case 1 -> {
                wire.block();
                wire.reset();
            }
            case 2 -> {
                wire.block();
                wire.closeSendingHalf();
                // It is gone, and so is reset; what had reached it before, it reads.
                assertThatCode(wire::rest).satisfiesAnyOf(
                        end -> assertThat(end).isNull(), end -> assertThat(end).hasCauseInstanceOf(SocketException.class));
                wire.close();
            }
            default -> {
                wire.block();
                wire.close();
            }
        }
    }

    private static long descriptors() {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Virtual threads with {@code name} in theirs, alive now: found in a thread dump, since nothing else lists them. */
    private static long virtualThreads(String name) {
        try {
            Path file = Files.createTempFile("threads", ".txt");
            Files.delete(file);
            var bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            bean.dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            String dump = Files.readString(file);
            Files.delete(file);
            return dump.lines().filter(line -> line.startsWith("#") && line.contains(name)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A hub whose mailboxes and kernel buffers are so small that a client which does not read is slow at once. */
    private RunningHub slowHub(String policy, String... more) {
        var settings = new ArrayList<>(List.of(
                "topics.1.overflow=" + policy, "topics.1.mailbox.events=16", "topics.0.mailbox.events=16", "delivery.send-buffer=4KiB",
                "delivery.write-timeout=PT60S"));
        settings.addAll(List.of(more));
        return RunningHub.start(engine, settings.toArray(String[]::new));
    }

    private static Wire openSlow(RunningHub hub) {
        Wire slow = Wire.connect(hub.uri(), SMALL_BUFFER).request("GET", "/topics/slow/**");
        slow.block();
        hub.awaitStreams(1);
        return slow;
    }

    /** Publishes {@code count} events of a kilobyte, as fast as they are taken; their ids. */
    private static List<String> flood(RunningHub hub, int count) {
        String kilobyte = "x".repeat(1024);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(hub.publish("slow/key-" + i % KEYS, i + kilobyte));
        }
        return ids;
    }

    private static void assertClosing(SseBlock block, String reason) {
        assertThat(block.names()).as("retry comes first").containsExactly("retry", "event", "id", "data");
        assertThat(block.event()).isEqualTo("hark.close");
        assertThat(block.data()).isEqualTo("{\"reason\":\"" + reason + "\"}");
        assertThat(block.retry()).as("jittered").isBetween(2000L, 3999L);
    }

    private record Gap(String reason, long after, long resumedAt, long dropped) {
        static Gap of(SseBlock block) {
            try {
                JsonNode json = JSON.readTree(block.data());
                Map<String, JsonNode> fields = new HashMap<>();
                json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
                assertThat(fields).containsOnlyKeys("reason", "after", "resumedAt", "dropped");
                assertThat(json.path("resumedAt").asText()).isEqualTo(block.id());
                return new Gap(
                        json.path("reason").asText(), sequence(json.path("after").asText()), sequence(json.path("resumedAt").asText()),
                        json.path("dropped").asLong());
            } catch (JsonProcessingException e) {
                throw new AssertionError(block.raw(), e);
            }
        }
    }

    private static long sequence(String id) {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }
}
