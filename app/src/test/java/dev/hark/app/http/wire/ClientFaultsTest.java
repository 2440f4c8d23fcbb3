package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** What it tells at the ends of its periods, which the tests say. */
class ClientFaultsTest {
    private static final Duration PERIOD = Duration.ofSeconds(3);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Semaphore ends = new Semaphore(0);
    private final ClientFaults faults = new ClientFaults(PERIOD, period -> ends.acquire(), lines::add);

    @Test
    void tellsOfManyInOneLine() {
        for (int i = 0; i < 1000; i++) {
            faults.add(ClientFaults.Kind.RESET);
        }
        faults.refused("192.0.2.1", Refusal.malformed("the target holds '#'"));
        ends.release();
        awaitLines(1);
        assertThat(lines.getFirst())
                .isEqualTo("within 3 s: 1 requests were no valid HTTP (the last one of 192.0.2.1: the target holds '#'), "
                        + "1000 connections were reset");
        assertThat(faults.count(ClientFaults.Kind.RESET)).isEqualTo(1000);
        assertThat(faults.count(ClientFaults.Kind.REFUSED)).isEqualTo(1);
        assertThat(faults.count(ClientFaults.Kind.LEFT)).isZero();
    }

    @Test
    void tellsOfWhatIsNewAlone() {
        faults.add(ClientFaults.Kind.LEFT);
        ends.release();
        awaitLines(1);
        faults.add(ClientFaults.Kind.LEFT);
        faults.add(ClientFaults.Kind.LEFT);
        ends.release();
        awaitLines(2);
        assertThat(lines.getLast()).isEqualTo("within 3 s: 2 clients left within a request");
    }

    private void awaitLines(int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> lines.size() == count);
    }
}
