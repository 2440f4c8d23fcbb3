package dev.hark.app.client;

import dev.hark.app.client.Clients.Library;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries for Node and Python, as docs/clients.md says to use them. */
class LibrariesIT {
    private static final Set<Library> LIBRARIES =
            EnumSet.of(Library.EVENTSOURCE, Library.HTTPX_SSE, Library.SSECLIENT_PY, Library.REQUESTS_SSE);

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireClients() {
        Clients.require("node");
        Clients.require("python");
    }

    @Tag("long")
    @Test
    void loseNothingOverADrain() throws Exception {
        Fleet.drain(LIBRARIES, folder);
    }

    @Test
    void loseNothingOverASigkill() throws Exception {
        Fleet.kill(LIBRARIES, folder);
    }

    @Test
    void receiveAnEventWholeThatWasCutOff() {
        Fleet.breakInsideAnEvent(LIBRARIES);
    }

    @Test
    void raiseNothingWhileNothingHappens() {
        Fleet.silence(LIBRARIES, Duration.ofSeconds(3));
    }
}
