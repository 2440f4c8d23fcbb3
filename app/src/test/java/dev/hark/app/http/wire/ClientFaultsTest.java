package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ClientFaultsTest {
    private static final Duration PERIOD = Duration.ofMillis(200);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final ClientFaults faults = new ClientFaults(PERIOD, lines::add);

    @Test
    void tellsOfManyInOneLine() {
        for (int i = 0; i < 1000; i++) {
            faults.add(ClientFaults.Kind.RESET);
        }
        faults.refused("192.0.2.1", Refusal.malformed("the target holds '#'"));
        awaitLines(1);
        assertThat(lines.getFirst())
                .isEqualTo("within 0 s: 1 requests were no valid HTTP (the last one of 192.0.2.1: the target holds '#'), "
                        + "1000 connections were reset");
        assertThat(faults.count(ClientFaults.Kind.RESET)).isEqualTo(1000);
        assertThat(faults.count(ClientFaults.Kind.REFUSED)).isEqualTo(1);
        assertThat(faults.count(ClientFaults.Kind.LEFT)).isZero();
    }

    @Test
    void tellsOfWhatIsNewAlone() {
        faults.add(ClientFaults.Kind.LEFT);
        awaitLines(1);
        faults.add(ClientFaults.Kind.LEFT);
        faults.add(ClientFaults.Kind.LEFT);
        awaitLines(2);
        assertThat(lines.getLast()).isEqualTo("within 0 s: 2 clients left within a request");
    }

    private void awaitLines(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> lines.size() == count);
    }
}
