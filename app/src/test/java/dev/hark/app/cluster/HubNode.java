package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.hark.app.Program;
import dev.hark.app.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One hub as a process of its own, with its replica, and with a {@link Line} to each server of NATS. Confined to the test's thread. */
final class HubNode implements AutoCloseable {
    /** What tells a database from somebody else's file, which is not touched. */
    private static final int HEAD_BYTES = 100;

    private static final int MIN_DAMAGE_BYTES = 16;
    private static final int PAGE_BYTES = 4_096;

    private static final Pattern ADMIN = Pattern.compile("health and metrics: (http://[^)]+)\\)");

    private final int index;
    private final Path folder;
    private final int port;
    private final List<Line> lines;
    private final NodeClock clock;
    private final List<Program> started = new ArrayList<>();
    private @Nullable Program running;
    private boolean paused;
    private boolean copied;

    HubNode(int index, Path folder, NatsServers servers, int port) throws IOException {
        this.index = index;
        this.folder = Files.createDirectories(folder);
        this.port = port;
        this.lines = IntStream.range(0, NatsServers.COUNT).mapToObj(server -> Line.to(servers.port(server))).toList();
        this.clock = new NodeClock(this.folder.resolve("clock"));
    }

    /** Its wall clock, which goes on over its restarts. */
    NodeClock clock() {
        return clock;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** To the server of that number. */
    Line line(int server) {
        return lines.get(server);
    }

    boolean isUp() {
        return running != null;
    }

    boolean isPaused() {
        return paused;
    }

    /** The replica's file. */
    Path replica() {
        return folder.resolve("replica").resolve("hark.db");
    }

    /** Returns at once. */
    void start() throws IOException {
        List<String> servers = lines.stream().map(line -> "nats://127.0.0.1:" + line.port()).toList();
        Path config = Files.writeString(folder.resolve("hark.yaml"), """
                log:
                  kind: jetstream
                  servers: %s
                  path: %s
                  hot-events: 200
                server: {port: %d}
                admin: {port: 0}
                delivery: {heartbeat: PT1S, retry: PT0.1S}
                drain: {window: PT0.1S}
                """.formatted(servers, replica(), port));
        running = Program.startBy(clock.command(), folder, started.size(), List.of(), "--config", config.toString());
        started.add(running);
    }

    void awaitStarted() {
        program().awaitUri();
    }

    /** Fails where it has ended by itself. */
    void requireAlive() {
        Program program = running;
        if (program != null && !program.process().isAlive()) {
            fail("node " + index + " ended by itself with " + program.process().exitValue() + ": " + program.out() + program.err());
        }
    }

    private Program program() {
        Program program = running;
        return program == null ? fail("node " + index + " does not run") : program;
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        Program program = running;
        if (program != null) {
            program.kill();
            program.awaitExit();
            running = null;
            paused = false;
        }
    }

    /** SIGTERM; returns when it has ended, in order. */
    void terminate() throws InterruptedException {
        Program program = program();
        program.terminate();
        assertThat(program.awaitExit()).as(program.err()).isZero();
        running = null;
    }

    void pause() throws InterruptedException {
        Hanging.pause(program().process());
        paused = true;
    }

    void resume() throws InterruptedException {
        Hanging.resume(program().process());
        paused = false;
    }

    boolean hasReplica() {
        return Files.exists(replica());
    }

    /** Whether it has found its replica damaged while it ran: then it is to be started again, which has the replica made anew. */
    boolean saysThatItIsDamaged() {
        return isUp() && Files.exists(replica().resolveSibling("hark.db-damaged"));
    }

    /** Whether there is a replica of it from yesterday. */
    boolean hasCopy() {
        return copied;
    }

    /** Of the replica, to be put back some time. */
    void copyReplica() throws IOException {
        if (hasReplica()) {
            Folders.replace(folder.resolve("yesterday"), folder.resolve("replica"));
            copied = true;
        }
    }

    /** Puts yesterday's replica back; false where there is none. */
    boolean restoreReplica() throws IOException {
        if (copied) {
            Folders.replace(folder.resolve("replica"), folder.resolve("yesterday"));
        }
        return copied;
    }

    void deleteReplica() throws IOException {
        Folders.delete(folder.resolve("replica"));
    }

    /** Writes over the first page of its file, behind what says that it is a database, or takes its end away. */
    void damageReplica(Random random) throws IOException {
        if (!hasReplica()) {
            return;
        }
        try (FileChannel file = FileChannel.open(replica(), StandardOpenOption.WRITE)) {
            if (random.nextBoolean()) {
                file.truncate(file.size() / 2);
            } else {
                byte[] garbage = new byte[MIN_DAMAGE_BYTES + random.nextInt(PAGE_BYTES - HEAD_BYTES - MIN_DAMAGE_BYTES)];
                random.nextBytes(garbage);
                file.write(ByteBuffer.wrap(garbage), HEAD_BYTES);
            }
        }
    }

    /** What all of its processes have said, and how the last one says that it is. */
    String said() {
        var all = new StringBuilder();
        started.forEach(program -> all.append(program.err()));
        Program program = running;
        Matcher admin = ADMIN.matcher(program == null ? "" : program.out());
        if (admin.find() && !paused) {
            try (Wire wire = Wire.connect(URI.create(admin.group(1)))) {
                all.append(wire.request("GET", "/health/ready").answer().body());
            } catch (UncheckedIOException e) {
                all.append(e.getMessage());
            }
        }
        return all.toString();
    }

    @Override
    public void close() {
        started.forEach(Program::kill);
        lines.forEach(Line::close);
    }
}
