package dev.hark.app.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jspecify.annotations.Nullable;

/** The probe, whose questions a test lets through one by one. */
@Timeout(30)
class ListenerProbeTest {
    private static final String WHERE = "127.0.0.1:8080";

    private final AtomicLong nanos = new AtomicLong(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final Semaphore questions = new Semaphore(0);
    private int through;
    private volatile boolean answered = true;
    private volatile @Nullable Throwable failure;
    private final ListenerProbe probe = ListenerProbe.start(WHERE, this::ask, Duration.ofMillis(1), nanos::get);

    @AfterEach
    void end() {
        probe.close();
        questions.release(1);
    }

    static Stream<Throwable> defects() {
        return Stream.of(new IllegalStateException("planted"), new AssertionError("planted"));
    }

    @Test
    void isWellWhereItIsAnswered() {
        asks(3);
        assertThat(probe.trouble()).isEmpty();
    }

    @Test
    void saysThatNobodyAnswers() {
        answered = false;
        isInTroubleAfterTwo("the data listener on 127.0.0.1:8080 does not answer; all its connections may be in use");
    }

    @Test
    void saysThatNobodyCanBeReached() {
        failure = new IOException("refused");
        isInTroubleAfterTwo("the data listener on 127.0.0.1:8080 does not answer; all its connections may be in use");
    }

    @ParameterizedTest
    @MethodSource("defects")
    void saysThatItCannotAskAndGoesOn(Throwable defect) {
        failure = defect;
        isInTroubleAfterTwo("the data listener on 127.0.0.1:8080 cannot be asked whether it answers: " + defect);
    }

    @Test
    void saysThatItDoesNotComeBack() {
        asks(1);
        nanos.addAndGet(ListenerProbe.LONGEST_ROUND.toNanos());
        assertThat(probe.trouble()).isEmpty();
        nanos.incrementAndGet();
        assertThat(probe.trouble()).contains("the data listener on 127.0.0.1:8080 has not been asked whether it answers for 60 s");
        asks(1);
        assertThat(probe.trouble()).isEmpty();
    }

    @Test
    void logsOneDefectOfTwelve() {
        List<LogRecord> lines = new CopyOnWriteArrayList<>();
        var planted = new IllegalStateException("planted");
        var capture = new Handler() {
            @Override
            public void publish(LogRecord line) {
                // Probes of other tests have the same logger.
                if (planted.equals(line.getThrown())) {
                    lines.add(line);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        // Held, or it is collected and its handlers with it.
        Logger logger = Logger.getLogger(ListenerProbe.class.getName());
        logger.addHandler(capture);
        try {
            failure = planted;
            asks(ListenerProbe.DEFECTS_PER_LINE);
            assertThat(lines).hasSize(1);
            assertThat(lines.getFirst().getLevel()).isEqualTo(Level.SEVERE);
            asks(1);
            assertThat(lines).hasSize(2);
        } finally {
            logger.removeHandler(capture);
        }
    }

    private void isInTroubleAfterTwo(String sentence) {
        asks(ListenerProbe.FAILURES - 1);
        assertThat(probe.trouble()).isEmpty();
        asks(1);
        assertThat(probe.trouble()).contains(sentence);

        answered = true;
        failure = null;
        asks(1);
        assertThat(probe.trouble()).isEmpty();
    }

    /** Has it ask {@code count} times, and waits until it asks once more: then it has taken in the last answer. */
    private void asks(int count) {
        through += count;
        questions.release(count);
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> asked.get() == through + 1);
    }

    private boolean ask() throws IOException {
        asked.incrementAndGet();
        questions.acquireUninterruptibly();
        return switch (failure) {
            case IOException none -> throw none;
            case RuntimeException defect -> throw defect;
            case Error defect -> throw defect;
            case null, default -> answered;
        };
    }
}
