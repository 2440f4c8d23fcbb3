package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** MariaDB. */
final class MariaDbServer implements OutboxDatabase {
    private static final List<Path> PROGRAMS = List.of(
            Path.of("/usr/sbin/mariadbd"), Path.of("/usr/bin/mariadbd"), Path.of("/usr/local/bin/mariadbd"));
    private static final String INSTALL = "mariadb-install-db";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);

    /** At each start: those who come. */
    private static final String INIT = """
            CREATE DATABASE IF NOT EXISTS shop;
            CREATE USER IF NOT EXISTS 'team'@'%';
            GRANT ALL ON *.* TO 'team'@'%' WITH GRANT OPTION;
            CREATE USER IF NOT EXISTS 'hark'@'%';
            """;

    private static final String TABLE = """
            CREATE TABLE hark_outbox (
                id         bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
                topic      varchar(512) NOT NULL,
                type       varchar(256),
                `key`      varchar(256),
                data       longtext NOT NULL,
                created_at timestamp(6) NOT NULL DEFAULT current_timestamp(6),
                read_at    datetime(3),
                INDEX (read_at)
            ) ENGINE=InnoDB CHARACTER SET utf8mb4""";

    private final Path program;
    private final Path folder;
    private final int port;
    private @Nullable Process process;

    private MariaDbServer(Path program, Path folder, int port) {
        this.program = program;
        this.folder = folder;
        this.port = port;
    }

    /** Starts one; skips the test, or fails it where {@code CI} is {@code true}, unless MariaDB is installed. */
    static MariaDbServer start() throws IOException, InterruptedException {
        Path program = PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElseThrow(
                () -> OutboxDatabase.missing("no mariadbd in " + PROGRAMS + ": what a source makes of an outbox there is left out"));
        var server = new MariaDbServer(program, OutboxDatabase.newFolder("hark-maria"), Ports.free());
        Files.writeString(server.folder.resolve("init.sql"), INIT);
        server.install();
        server.startAgain();
        return server;
    }

    private void install() throws IOException, InterruptedException {
        Process running = command(INSTALL, "--no-defaults", "--datadir=" + folder.resolve("data"), "--skip-test-db",
                "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M").start();
        assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).as(log()).isZero();
    }

    private ProcessBuilder command(String... command) {
        return new ProcessBuilder(OutboxDatabase.asNobody(command)).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    }

    @Override
    public void startAgain() {
        await("MariaDB on port " + port).atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL).until(() -> {
            Process running = process;
            if (running == null || !running.isAlive()) {
                // What it has answered for is with the kernel, which nobody kills here.
                process = command(program.toString(), "--no-defaults", "--datadir=" + folder.resolve("data"), "--port=" + port,
                        "--bind-address=127.0.0.1", "--socket=" + folder.resolve("socket"), "--init-file=" + folder.resolve("init.sql"),
                        "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=16M",
                        "--innodb-log-file-size=8M", "--performance-schema=OFF", "--max-connections=40")
                        .start();
            }
            try (Connection connection = connect()) {
                return true;
            } catch (SQLException e) {
                return false;
            }
        });
    }

    @Override
    public void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Override
    public String url() {
        return "jdbc:mariadb://127.0.0.1:" + port + "/shop";
    }

    @Override
    public String user() {
        return "hark";
    }

    @Override
    public List<String> table() {
        return List.of(TABLE, "GRANT SELECT, UPDATE (read_at), DELETE ON hark_outbox TO 'hark'@'%'");
    }

    @Override
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url() + "?user=team&connectTimeout=5000&socketTimeout=30000&allowMultiQueries=true");
    }

    private String log() {
        try {
            return Files.exists(folder.resolve("log")) ? Files.readString(folder.resolve("log")) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
