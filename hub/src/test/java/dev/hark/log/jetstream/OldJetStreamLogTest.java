package dev.hark.log.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hark.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The same on the oldest server that there is, which a distribution has: it may be one that the hub warns of. */
@Tag("long")
class OldJetStreamLogTest extends JetStreamLogContract {
    @TempDir
    static Path folder;

    private static TestServers servers;
    private static Path program;

    @BeforeAll
    static void start() {
        List<Path> versions = NatsServer.versions();
        String left = "there is one version of nats-server only: left out is what an older one does";
        assertThat(versions.size() == 1 && "true".equals(System.getenv("CI"))).as(left).isFalse();
        assumeTrue(versions.size() > 1, left);
        program = versions.getLast();
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
