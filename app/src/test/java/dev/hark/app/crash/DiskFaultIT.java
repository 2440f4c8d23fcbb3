package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server whose disk hangs, or whose writes fail now and then: every wait has an end, every answer is true, health says what is. */
@Tag("long")
class DiskFaultIT extends FaultyDisk {
    private static final Duration UPKEEP = Duration.ofMillis(1_500);
    private static final int PUBLISHERS = 3;
    private static final Pattern UNREADABLE = Pattern.compile("(?m)^hark_streams_unreadable_total\\S* [1-9]");
    @Test
    void anFsyncThatHangsKeepsNobodyWaiting() throws Exception {
        Program program = server.start(STALL_SETTING);
        FaultClient client = begin(program);
        var stored = new ArrayList<>(List.of("before"));
        assertThat(client.publish("before").status()).isEqualTo(201);
        try (Wire live = Wire.open(client.uri(), "/topics/**")) {
            List<String> data = IntStream.range(0, 12).mapToObj(i -> "hang" + i).toList();
            var unknown = new ArrayList<String>();
            var refused = new ArrayList<String>();
            // Until the upkeep has written its mark, and has nothing to flush.
            await().pollDelay(UPKEEP).until(() -> client.ready().status() == 200);
            try (Strace strace = hangFsync(program, "first")) {
                long start = System.nanoTime();
                var answers = new ArrayList<Future<Answer>>();
                answers.add(threads.submit(() -> client.publish(data.getFirst())));
                await("it hangs").atMost(BOUND).pollInterval(LOOK).until(() -> strace.said().contains("sync("));
                data.stream().skip(1).forEach(each -> answers.add(threads.submit(() -> client.publish(each))));
                await("red").atMost(BOUND).pollInterval(LOOK).until(() -> client.ready().status() == 503);
                assertThat(client.ready().body()).contains("has not answered").contains("check it");
                assertThat(client.live().status()).as("a disk that hangs is no reason to start again").isEqualTo(200);
                for (int i = 0; i < data.size(); i++) {
                    Answer answer = answers.get(i).get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
                    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                    assertThat(answer.header("Retry-After")).isPresent();
                    if (answer.json("type").equals("/problems/outcome-unknown")) {
                        assertThat(answer.json("detail")).contains("may be stored or not").contains("same idempotency key");
                        unknown.add(data.get(i));
                    } else {
                        assertThat(answer.json("type")).isEqualTo("/problems/log-unavailable");
                        assertThat(answer.json("detail")).contains("nothing of this was stored");
                        refused.add(data.get(i));
                    }
                }
                assertThat(Duration.ofNanos(System.nanoTime() - start)).as("everybody was answered").isLessThan(BOUND.multipliedBy(2));
                assertThat(unknown).as("what was under way").containsExactly(data.getFirst());
                assertThat(refused).as("what waited behind it").hasSize(data.size() - 1);
                for (String each : unknown) {
                    Answer retry = client.publish(each);
                    assertThat(retry.status()).as(retry.body()).isEqualTo(409);
                    assertThat(retry.json("type")).isEqualTo("/problems/key-in-flight");
                }
                Answer late = client.publishWithoutKey("without a key");
                assertThat(late.status()).isEqualTo(503);
                assertThat(late.json("type")).as("at once, and surely not stored").isEqualTo("/problems/log-unavailable");
            }
            await("green").atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> client.ready().status() == 200);
            for (String each : unknown) {
                Answer retry = client.publish(each);
                assertThat(retry.status()).as(retry.body()).isEqualTo(200);
                assertThat(retry.header("Idempotency-Replayed")).contains("true");
            }
            for (String each : refused) {
                assertThat(client.publish(each).status()).isEqualTo(201);
            }
            stored.addAll(data);
            assertThat(liveData(live, data.size())).containsExactlyInAnyOrderElementsOf(data);
        }
        try (Strace strace = hangFsync(program, "second")) {
            Future<?> left = threads.submit(() -> client.publish("left behind"));
            await("red").atMost(BOUND).pollInterval(LOOK).until(() -> client.ready().status() == 503);
            assertThat(left.isDone() || strace.said().contains("fsync") || strace.said().contains("fdatasync")).isTrue();
            program.terminate();
            await("left behind").atMost(END).until(() -> program.err().contains("something was left behind"));
            // Nobody leaves this disk before it lets go, be it to end.
            strace.close();
            assertThat(program.awaitExit()).as(program.err()).isEqualTo(5);
            assertThat(program.err()).contains("does not answer").doesNotContain("\tat ");
        }
        Program again = server.start(STALL_SETTING);
        List<String> log = begin(again).readAll("end");
        assertThat(log).doesNotHaveDuplicates().containsAll(stored).isSubsetOf(with(stored, "left behind"));
        endJudged(again);
    }

    /** What publishers were told while the disk hung, and those who follow were given, is what a restart finds. */
    @Test
    void aDiskThatHangsUnderLoadBreaksNoPromise() throws Exception {
        try (var crowd = new Witnesses(PUBLISHERS, PublishingClient.TOPICS.getFirst(), life -> life.number() == 3 || life.last(), 2)) {
            Program program = server.start(STALL_SETTING);
            FaultClient client = FaultClient.of(program, crowd);
            crowd.awaitAnswer(crowd.begin(client.uri(), false));
            try (Strace strace = hangFsync(program, "first")) {
                await("red").atMost(BOUND).pollInterval(LOOK).until(() -> client.ready().status() == 503);
                assertThat(strace.said()).contains("sync(");
            }
            await("green").atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> client.ready().status() == 200);
            crowd.awaitAnswer(crowd.begin(client.uri(), false));
            publishMoreThanIsHot(client);
            try (Strace strace = hangReads(program, "reads")) {
                crowd.begin(client.uri(), false);
                // What nobody has asked for yet, and so nobody has kept.
                threads.execute(() -> Wire.subscribe(client.uri(), "/events?topic=a&topic=nobody&since=earliest").rest());
                await("cut").atMost(BOUND).pollInterval(LOOK).until(() -> UNREADABLE.matcher(client.metrics().body()).find());
                assertThat(strace.said()).contains("pread64(");
            }
            crowd.begin(client.uri(), false);
            try (Strace strace = hangFsync(program, "second")) {
                await("red").atMost(BOUND).pollInterval(LOOK).until(() -> client.ready().status() == 503);
                program.terminate();
                await("left behind").atMost(END).until(() -> program.err().contains("something was left behind"));
                strace.close();
                assertThat(program.awaitExit()).as(program.err()).isEqualTo(5);
            }
            Program again = server.start();
            crowd.awaitAnswer(crowd.begin(again.awaitUri(), true));
            History history = crowd.endJudged(again);
            // Whose commit hung was told "unknown"; where it was the log's upkeep that hung, all who waited were told "not stored".
            assertThat(history.attempts()).as("somebody was not acknowledged")
                    .anyMatch(attempt -> !(attempt.outcome() instanceof History.Outcome.Acknowledged));
        }
    }

    private static void publishMoreThanIsHot(FaultClient client) {
        assertThat(client.publishBatch(IntStream.range(0, 500).mapToObj(i -> "cold" + i).toList()).status()).isEqualTo(201);
    }

    /** Readiness is a promise to those who would publish: as long as nothing is stored there is not one green look. */
    @Test
    void writesThatFailComeAndGo() throws Exception {
        failNowAndThen("EIO");
    }

    @Test
    @Tag("long")
    void aDiskThatIsFullNowAndThenComesAndGoes() throws Exception {
        failNowAndThen("ENOSPC");
    }

    private void failNowAndThen(String error) throws Exception {
        Program program = server.start();
        FaultClient client = begin(program);
        var stored = new CopyOnWriteArrayList<String>();
        var refused = new CopyOnWriteArrayList<String>();
        for (String pattern : new String[] {"", ":when=2+3"}) {
            String prefix = error.toLowerCase(Locale.ROOT) + pattern.length() + '-';
            publish(client, prefix + "before", stored, refused);
            assertThat(stored).contains(prefix + "before");
            try (Strace strace = Strace.attach(program, "hark-log-writer", folder.resolve(prefix + "strace"),
                    "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=" + error + pattern)) {
                int before = refused.size();
                for (int i = 0; refused.size() == before; i++) {
                    publish(client, prefix + "first" + i, stored, refused);
                }
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
                for (int i = 0; System.nanoTime() < until; i++) {
                    Answer ready = client.ready();
                    assertThat(ready.status()).as("look %d: %s", i, ready.body()).isEqualTo(503);
                    if (i % 8 == 0) {
                        publish(client, prefix + i, stored, refused);
                    }
                    Thread.sleep(LOOK);
                }
                assertThat(strace.said()).contains("INJECTED");
                if (pattern.isEmpty()) {
                    assertThat(stored).last().as("nothing was stored").isEqualTo(prefix + "before");
                }
            }
            long released = System.nanoTime();
            publish(client, prefix + "after", stored, refused);
            assertThat(stored).as("as soon as it can").contains(prefix + "after");
            assertThat(client.ready().status()).as("not before it has been calm").isEqualTo(503);
            await("green").atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> client.ready().status() == 200);
            assertThat(Duration.ofNanos(System.nanoTime() - released)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        }
        assertThat(client.readAll("end")).containsExactlyElementsOf(stored).doesNotContainAnyElementsOf(refused);
        assertThat(stop(program)).as(program.err()).isZero();
        Program again = server.start();
        assertThat(begin(again).readAll("again")).containsExactlyElementsOf(with(stored, "end"));
        assertThat(again.err()).doesNotContain("lost", "damaged");
        endJudged(again);
    }

    /** How much room there is on a disk that was full is asked of the list of mounts, which may not be readable. */
    @Test
    void aListOfMountsThatCannotBeReadTakesNothingFromAnybody() throws Exception {
        Path disk = Files.createDirectories(server.logFolder());
        if (new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()).start().waitFor() != 0) {
            Strace.leaveOut("may not mount a tmpfs: left out is what a full disk and an unreadable list of mounts do to the hub");
        }
        try {
            Program program = server.start();
            FaultClient client = begin(program);
            var stored = new CopyOnWriteArrayList<String>();
            var refused = new CopyOnWriteArrayList<String>();
            publish(client, "before", stored, refused);
            try (Wire live = Wire.open(client.uri(), "/topics/**")) {
                Path ballast = fillUp(disk);
                for (int i = 0; refused.isEmpty(); i++) {
                    publish(client, "filler" + i + "x".repeat(20_000), stored, refused);
                }
                assertThat(client.ready().body()).contains("is full");
                Files.delete(ballast);
                try (Strace strace = Strace.attach(program, "hark-log-writer", folder.resolve("mounts"),
                        "-P", "/proc/mounts", "-e", "trace=openat", "-e", "inject=openat:error=EIO")) {
                    await().atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> strace.said().contains("INJECTED"));
                    for (int i = 0; i < 10; i++) {
                        publish(client, "after" + i, stored, refused);
                    }
                    assertThat(stored).contains("after0", "after9");
                    await("green").atMost(Wire.PATIENCE).pollInterval(LOOK).until(() -> client.ready().status() == 200);
                }
                List<String> since = stored.subList(1, stored.size());
                assertThat(liveData(live, since.size())).containsExactlyElementsOf(since);
            }
            assertThat(client.readAll("end")).containsExactlyElementsOf(stored);
            endJudged(program);
        } finally {
            server.close();
            new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor();
        }
    }

    private static Path fillUp(Path disk) throws IOException {
        Path ballast = disk.resolve("ballast");
        Files.write(ballast, new byte[(int) Files.getFileStore(disk).getUsableSpace()]);
        return ballast;
    }

    private static void publish(FaultClient client, String data, List<String> stored, List<String> refused) {
        Answer answer = client.publishWithoutKey(data);
        if (answer.status() == 201) {
            stored.add(data);
        } else {
            assertThat(answer.status()).as(answer.body()).isEqualTo(503);
            assertThat(answer.json("type")).as(answer.body()).isEqualTo("/problems/log-unavailable");
            refused.add(data);
        }
    }

    private static List<String> with(List<String> some, String more) {
        var all = new ArrayList<>(some);
        all.add(more);
        return all;
    }

    private static int stop(Program program) throws InterruptedException {
        long start = System.nanoTime();
        program.terminate();
        int code = program.awaitExit();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as("it ended in bounded time").isLessThan(END);
        return code;
    }
}
