package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Program;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server on a disk that a test has hang or fail, and who publishes and follows meanwhile, to be judged at the end. */
@Timeout(120)
abstract class FaultyDisk {
    static final Duration STALL = Duration.ofSeconds(1);
    static final String[] STALL_SETTING = {"health.stall=PT1S"};

    /** Stall, twice the distance between two looks, the time to be calm, and the time that a busy machine takes. */
    static final Duration BOUND = STALL.plusSeconds(8);

    /** Of the end, however the disk is. */
    static final Duration END = Duration.ofSeconds(22);

    static final Duration LOOK = Duration.ofMillis(50);
    private static final String FOR_LONG = "delay_enter=600s";

    @TempDir
    Path folder;

    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    DurableServer server;

    /** One of whom comes later than the others. */
    private final Witnesses witnesses = new Witnesses(0, FaultClient.TOPIC, life -> life.number() > 1 || life.last(), 1);

    @BeforeEach
    void begin() {
        Strace.require("what a disk that hangs or fails does to the hub");
        server = new DurableServer(folder);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        witnesses.close();
        server.close();
    }

    FaultClient client(Program program) {
        return FaultClient.of(program, witnesses);
    }

    /** Those who follow come, or come back. */
    FaultClient begin(Program program) {
        FaultClient client = client(program);
        witnesses.begin(client.uri(), false);
        return client;
    }

    /** Of the last life. */
    void endJudged(Program program) throws Exception {
        witnesses.begin(program.awaitUri(), true);
        witnesses.endJudged(program);
    }

    static List<String> liveData(Wire live, int count) {
        var data = new ArrayList<String>();
        while (data.size() < count) {
            SseBlock block = live.block();
            assertThat(block.event()).as(block.raw()).isEqualTo("message");
            if (block.isEvent()) {
                data.add(block.data());
            }
        }
        return data;
    }

    Strace hangReads(Program program, String name) throws IOException {
        return disturbReads(program, name, FOR_LONG);
    }

    /** Of the log alone: the JVM reads its classes in the same way, and does not survive it. */
    Strace disturbReads(Program program, String name, String how) throws IOException {
        String database = server.database().toString();
        return Strace.attach(program, "hark-log-reader", folder.resolve(name), "-P", database, "-P", database + "-wal",
                "-e", "trace=pread64", "-e", "inject=pread64:" + how);
    }

    Strace hangFsync(Program program, String name) throws IOException {
        return Strace.attach(program, "hark-log-writer", folder.resolve(name), "-e", "trace=fsync,fdatasync",
                "-e", "inject=fsync,fdatasync:" + FOR_LONG);
    }
}
