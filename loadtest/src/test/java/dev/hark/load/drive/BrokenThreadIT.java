package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.ledger.Share;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Verdict;
import dev.hark.load.measure.Verdict.Decision;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;

/** A thread of the generator that ends in the middle of a run: whatever it saw until then, the run says nothing. */
class BrokenThreadIT {
    @Test
    void ofReadersMakesTheRunInvalidWhatsoeverIsChecked() throws IOException {
        var key = new BreakableKey();
        try (NullHub hub = NullHub.start(new EndsTheFirst(key), 0)) {
            FanoutPlan plan = SmallRun.plan(hub.url(), 4, 1, 200, 100, 2);
            var tokens = new SignedTokens(key, "https://dev.example", "hark", "load-", Duration.ofHours(1));
            var credentials = new Credentials(new Credentials.Bearer.Own(tokens), new Credentials.Bearer.Nobody(), false);
            FanoutResult result = new FanoutRun(new FanoutPlan(plan.target().with(credentials), plan.streams(), plan.publish(),
                    plan.topic(), plan.topics(), plan.phases(), plan.server())).run();

            assertThat(result.failures().get(Failure.BROKEN_GENERATOR)).isNotNull()
                    .satisfies(entry -> assertThat(entry.example()).contains("reader thread", "the key is broken"));
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).as("the server is not to blame").isZero();
            assertThat(result.measurements().orZero(Metric.STREAMS_AWAY)).isEqualTo(4);
            for (boolean checksValidity : new boolean[] {true, false}) {
                Verdict verdict = Verdict.of(result.measurements(), List.of(), checksValidity, result.doubts());
                assertThat(verdict.decision()).isEqualTo(Decision.INVALID);
                assertThat(verdict.invalid()).anyMatch(sentence -> sentence.contains("a thread of the generator ended"));
            }
        }
    }

    @Test
    void ofPublishersIsCounted() throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(new Delivery() {}, 0)) {
            FanoutPlan plan = SmallRun.plan(hub.url(), 1, 1, 200, 100, 1);
            Traffic traffic = plan.traffic(Share.WHOLE);
            var failures = new Failures();
            var tooFew = new Publications(1);
            try (var publisher = new PublishLoop(plan.target(), plan.publish(), traffic, plan.topicNames(), 1, tooFew, failures)) {
                Thread thread = Thread.ofPlatform().start(publisher);
                publisher.begin(new Schedule(System.nanoTime(), plan.pace(), 0, traffic.events()));
                thread.join();
                assertThat(publisher.tally().get(Tally.Count.THREADS_ENDED)).isEqualTo(1);
                assertThat(failures.entries()).containsKey(Failure.BROKEN_GENERATOR);
            }
        }
    }

    /** Ends the first stream in the middle, so that it has to be opened anew, with a key that is broken then. */
    private record EndsTheFirst(BreakableKey key) implements Delivery {
        private static final long MIDDLE = 50;

        @Override
        public void beforeEvent(long sequence) {
            key.isBroken = sequence >= MIDDLE;
        }

        @Override
        public boolean endsAfter(int stream, long sequence) {
            return stream == 0 && sequence == MIDDLE;
        }
    }

    /** A key with which nothing can be signed any more, once it is broken. */
    private static final class BreakableKey implements SecretKey {
        private static final long serialVersionUID = 1;

        private volatile boolean isBroken;

        @Override
        public String getAlgorithm() {
            return "HmacSHA256";
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            if (isBroken) {
                throw new IllegalStateException("the key is broken");
            }
            return new byte[32];
        }
    }
}
