package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server whose disk cannot be read for a while: streams are told, publishing goes on, and health says what is. */
class ReadFaultIT extends FaultyDisk {
    private static final int EVENTS = 500;

    @Test
    @Tag("long")
    void readsThatHangKeepNobodyWaiting() throws Exception {
        Program program = server.start(STALL_SETTING);
        // Nobody follows yet: what has been read is kept for a while, and needs no disk.
        FaultClient client = client(program);
        var ids = new ArrayList<String>();
        for (int batch = 0; batch < 3; batch++) {
            int from = batch * 1_000;
            Answer stored = client.publishBatch(IntStream.range(from, from + 1_000).mapToObj(i -> "cold" + i).toList());
            assertThat(stored.status()).isEqualTo(201);
            ids.add(stored.json().path("events").path(0).path("id").asText());
        }
        List<String> targets = List.of(
                "/topics/**?since=PT10M", "/topics/**?last=2500", "/topics/**?since=earliest", "/topics/a?lastEventId=" + ids.getFirst(),
                "/topics/b?since=earliest", "/topics/b?last=1");
        try (Wire live = Wire.open(client.uri(), "/topics/**");
                Strace strace = hangReads(program, "reads")) {
            List<Future<String>> streams = targets.stream().map(target -> threads.submit(() -> {
                try (Wire wire = Wire.subscribe(client.uri(), target)) {
                    return wire.rest();
                }
            })).toList();
            for (int i = 0; i < targets.size(); i++) {
                assertThat(streams.get(i).get(4 * BOUND.toMillis(), TimeUnit.MILLISECONDS))
                        .as(targets.get(i)).contains("event: hark.close\n", "data: {\"reason\":\"unreadable\"}");
            }
            Answer ready = client.ready();
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.body()).contains("cannot be read");
            assertThat(strace.said()).contains("pread64(");
            // They need what is not hot, and come again below.
            begin(program);
            assertThat(client.publish("goes on").status()).as("publishing needs no reader").isEqualTo(201);
            assertThat(liveData(live, 1)).containsExactly("goes on");
        }
        await("green").atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> client.ready().status() == 200);
        begin(program);
        assertThat(client.readAll("end")).hasSize(3_001).doesNotHaveDuplicates();
        try (Strace strace = hangReads(program, "reads-again")) {
            // Otherwise SQLite need not read again.
            assertThat(client.publish("anew").status()).isEqualTo(201);
            Future<?> stream = threads.submit(() -> Wire.subscribe(client.uri(), "/topics/**?since=PT5M").rest());
            await().atMost(BOUND).until(() -> strace.said().contains("pread64"));
            program.terminate();
            await("stopped").atMost(END).until(() -> program.err().contains("stopped"));
            assertThat(program.err()).contains("left behind: hark-log-reader-").contains("does not come back");
            strace.close();
            assertThat(program.awaitExit()).as(program.err()).isEqualTo(5);
            assertThat(stream.get(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isNotNull();
        }
        Program again = server.start();
        assertThat(begin(again).readAll("again")).hasSize(3_003).doesNotHaveDuplicates();
        endJudged(again);
    }

    /** Red as long as it may fail again, though what can be read is read. */
    @Tag("long")
    @Test
    void readsThatFailComeAndGo() throws Exception {
        Program program = server.start();
        // Nobody follows yet: SQLite need not read again what it has read since the last commit.
        FaultClient client = client(program);
        for (int round = 0; round < 2; round++) {
            String prefix = "cold" + round + '-';
            assertThat(client.publishBatch(IntStream.range(0, EVENTS).mapToObj(i -> prefix + i).toList()).status()).isEqualTo(201);
            try (Strace strace = disturbReads(program, "reads" + round, "error=EIO")) {
                assertThat(endOf(client, "/events?topic=a&topic=round-" + round + "&since=earliest")).contains("\"unreadable\"");
                assertThat(client.ready().status()).isEqualTo(503);
                // SQLite takes a sector that cannot be read for one that is damaged.
                assertThat(client.ready().body()).contains(server.database().toString()).containsPattern("fails; check it|is damaged");
                assertThat(strace.said()).contains("INJECTED");
            }
            long released = System.nanoTime();
            assertThat(client.readAll("released" + round)).as("as soon as it can").hasSizeGreaterThanOrEqualTo(EVENTS);
            assertThat(client.ready().status()).as("not before it has been calm").isEqualTo(503);
            await("green").atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> client.ready().status() == 200);
            assertThat(Duration.ofNanos(System.nanoTime() - released)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        }
        endJudged(program);
    }

    /**
     * How a stream ends that needs what nobody has asked for yet, for that is kept for a while; a sign of life would be the end of
     * the test.
     */
    private static String endOf(FaultClient client, String target) {
        try (Wire wire = Wire.open(client.uri(), target)) {
            SseBlock block = wire.block();
            while (!block.is("hark.close")) {
                assertThat(block.isEvent()).as(block.raw()).isTrue();
                block = wire.block();
            }
            return block.data();
        }
    }
}
