package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PatientInputStreamTest {
    @Test
    void readsWhatIsThere() throws IOException {
        try (var stream = new PatientInputStream(new ByteArrayInputStream(new byte[] {-1, 2, 3}), Duration.ofMinutes(1))) {
            assertThat(stream.read()).isEqualTo(255);
            assertThat(stream.read(new byte[5])).isEqualTo(2);
            assertThat(stream.read()).isEqualTo(-1);
            assertThat(stream.exhausted()).isFalse();
        }
    }

    @Test
    void closesWhatStaysSilent() throws IOException {
        try (var stream = new PatientInputStream(new Silent(), Duration.ofMillis(20))) {
            assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessage("closed");
            assertThat(stream.exhausted()).isTrue();
        }
    }

    /** Ends a read only by being closed, as the HTTP client's body does. */
    private static final class Silent extends InputStream {
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public int read() throws IOException {
            return read(new byte[1], 0, 1);
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("closed");
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
