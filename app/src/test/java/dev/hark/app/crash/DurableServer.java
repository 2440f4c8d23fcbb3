package dev.hark.app.crash;

import dev.hark.app.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A server whose log outlives it: each start goes on with the same database. Confined to the test's thread. */
public final class DurableServer implements AutoCloseable {
    /** What brings it up soonest. */
    private static final List<String> OPTIONS =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED");

    private static final Path CONFIG = Path.of("..", "application.yaml").toAbsolutePath().normalize();

    private final Path folder;
    private final Path config;
    private final List<Program> started = new ArrayList<>();
    private List<String> trained = List.of();

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

    /**
     * Starts it once and ends it, so that from then on the JVM finds its classes where it left them and is up in half the time:
     * worth it for many starts (JEP 514).
     */
    public void train() throws InterruptedException {
        Path cache = folder.resolve("classes.aot");
        trained = List.of("-XX:AOTCacheOutput=" + cache);
        Program program = start();
        program.awaitUri();
        program.terminate();
        program.awaitExit();
        trained = List.of("-XX:AOTCache=" + cache);
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
        List<String> options = Stream.of(OPTIONS, trained, more).flatMap(List::stream).toList();
        Program program = Program.start(folder, started.size(), options, arguments.toArray(String[]::new));
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
