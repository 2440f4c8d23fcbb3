package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.event.Topic;
import dev.hark.log.DraftBatch;
import dev.hark.log.EngineTest;
import dev.hark.log.LogConfig;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Group;
import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.Replica;
import dev.hark.thread.VitalThreads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A program with a replica, which does what it reads, {@code apply}, {@code copy}, {@code restore} or {@code read}, and says what came of
 * it.
 */
final class FailingReplicaFsync {
    /** So much that it is moved out of the WAL, for which the disk has to flush. */
    private static final int EVENTS = 20;

    private static final int EVENT_BYTES = 500_000;

    private FailingReplicaFsync() {}

    static SqliteReplica open(Path path) {
        var config = new LogConfig(Logs.KEEPS_ALL, EngineTest.HOT, EngineTest.KEYS);
        return SqliteReplica.open(new SqliteSettings(path, SqliteSettings.Durability.WRITE, config), new Random(1), new VitalThreads());
    }

    public static void main(String[] arguments) throws IOException {
        Path path = Path.of(arguments[0]);
        try (SqliteReplica replica = open(path);
                var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("pid " + ProcessHandle.current().pid());
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                System.out.println(answer(replica, path, command));
            }
        }
    }

    private static String answer(SqliteReplica replica, Path path, String command) {
        try {
            return switch (command) {
                case "apply" -> {
                    replica.apply(List.of(step(replica.applied().position() + 1)));
                    yield "applied " + replica.applied().position();
                }
                case "copy" -> "copied " + replica.copy(path.resolveSibling("copy.db")).position();
                case "restore" -> {
                    var copied = new Replica.Copied(1, "n-1", replica.tail().epoch(), 1);
                    replica.restore(path.resolveSibling("copy.db"), copied, 1);
                    yield "restored";
                }
                case "read" -> "read " + replica.read(0, Logs.ALL, 1).events().size();
                default -> throw new IllegalArgumentException(command);
            };
        } catch (UnusableLogException e) {
            return "refused " + e.getMessage();
        }
    }

    private static Replica.Step step(long position) {
        var draft = new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, new byte[EVENT_BYTES], null);
        var group = new Group(Group.Kind.EVENTS, position, null, List.of(DraftBatch.of(Collections.nCopies(EVENTS, draft))));
        return new Replica.Step(new Journal.Entry(position, "n-" + position, position, new byte[0]), group, Replica.Told.NOBODY);
    }
}
