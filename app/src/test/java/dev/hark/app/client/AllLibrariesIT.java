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

/** Libraries for Node, Python, Go, Rust and Java, as docs/clients.md says to use them. */
@Tag("long")
class AllLibrariesIT {
    private static final Set<Library> LIBRARIES = EnumSet.allOf(Library.class);

    @TempDir
    private Path folder;

    @BeforeAll
    static void requireClients() {
        LIBRARIES.forEach(library -> Clients.require(library.language));
    }

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
    void raiseNothingInFortySecondsOfSilence() {
        Fleet.silence(LIBRARIES, Duration.ofSeconds(40));
    }
}
