package dev.hark.log.jetstream;

import dev.hark.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What a log in JetStream promises, on the newest server that there is. */
class JetStreamLogTest extends JetStreamLogContract {
    @TempDir
    static Path folder;

    private static TestServers servers;
    private static Path program;

    @BeforeAll
    static void start() {
        program = NatsServer.newest();
        servers = new TestServers(folder);
    }

    @AfterAll
    static void stop() {
        if (servers != null) {
            servers.close();
        }
    }

    @Override
    JetStreamSettings newStream() throws IOException, InterruptedException {
        return servers.settings(program);
    }
}
