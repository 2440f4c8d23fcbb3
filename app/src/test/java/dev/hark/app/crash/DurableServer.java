package dev.hark.app.crash;

import dev.hark.app.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A server whose log outlives it: each start goes on with the same database. Confined to the test's thread. */
public final class DurableServer implements AutoCloseable {
    private static final Path CONFIG = Path.of("..", "application.yaml").toAbsolutePath().normalize();

    private final Path folder;
    private final Path config;
    private final List<Program> started = new ArrayList<>();

    /** One with the configuration that Hark comes with. */
    public DurableServer(Path folder) {
        this(folder, CONFIG);
    }

    DurableServer(Path folder, Path config) {
        this.folder = folder;
        this.config = config;
    }

    Path database() {
        return logFolder().resolve("hark.db");
    }

    /** The database's own. */
    Path logFolder() {
        return folder.resolve("log");
    }

    /** @param settings more {@code key=value} */
    public Program start(String... settings) {
        return startWith(List.of(), settings);
    }

    /** @param more of the JVM's options */
    Program startWith(List<String> more, String... settings) {
        Stream<String> own = Stream.of(
                "server.port=0",
                "admin.port=0",
                "log.kind=sqlite",
                "log.path=" + database(),
                "log.durability=fsync",
                // Most of what is replayed comes from the disk.
                "log.hot-events=200",
                "drain.window=PT0.1S");
        List<String> arguments = new ArrayList<>(List.of("--config", config.toString()));
        Stream.concat(own, Stream.of(settings)).forEach(setting -> arguments.addAll(List.of("--set", setting)));
        Program program = Program.start(folder, started.size(), more, arguments.toArray(String[]::new));
        started.add(program);
        return program;
    }

    /** SIGKILL; returns when the process is gone. */
    public static void kill(Program program) throws InterruptedException {
        program.kill();
        program.awaitExit();
    }

    @Override
    public void close() {
        started.forEach(Program::kill);
    }
}
