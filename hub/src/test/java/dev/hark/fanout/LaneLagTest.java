package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A lane that comes by when the hot events, or even the log, no longer reach back to where it was. */
class LaneLagTest {
    private static final int PUBLISHED = 2_000;
    private static final Pattern DATA = Pattern.compile("(?m)^data: (\\d+)$");

    @Test
    void offersWhatLeftTheHotEventsBeforeItCameBy() throws InterruptedException {
        String stream = streamOf(PUBLISHED, OverflowPolicy.REPLAY, PUBLISHED);

        assertThat(events(stream)).containsExactlyElementsOf(IntStream.rangeClosed(1, PUBLISHED).boxed().toList());
    }

    @Test
    void offersInOrderWhatLeftTheHotEvents() throws InterruptedException {
        String stream = streamOf(PUBLISHED, OverflowPolicy.DROP_OLDEST, PUBLISHED);

        assertThat(events(stream)).containsExactlyElementsOf(IntStream.rangeClosed(1, PUBLISHED).boxed().toList());
    }

    @Test
    void announcesWhatRetentionRemovedBeforeItCameBy() throws InterruptedException {
        int retained = 100;
        String stream = streamOf(retained, OverflowPolicy.REPLAY, PUBLISHED);

        assertThat(stream).containsOnlyOnce("hark.gap").contains("\"reason\":\"retention\",\"after\":\"7k3q9x2m-0\",\"resumedAt\":\"7k3q9x2m-1900\"");
        assertThat(events(stream)).containsExactlyElementsOf(IntStream.rangeClosed(PUBLISHED - retained + 1, PUBLISHED).boxed().toList());
    }

    /** What a subscriber that was there before is given of {@link #PUBLISHED} events, when its lane starts only after the last one. */
    private static String streamOf(int retained, OverflowPolicy policy, int mailbox) throws InterruptedException {
        var log = new MemoryLog(
                "7k3q9x2m",
                new Retention(retained, Duration.ofDays(1), 1 << 30),
                new HotLimits(10, 1 << 20),
                new IdempotencyLimits(10, Duration.ofDays(1)),
                Clock.systemUTC());
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        var rule = new TopicRule(TopicFilter.ALL, policy, new MailboxLimits(mailbox, 1 << 30));
        var out = new ByteArrayOutputStream();
        try (var fanout = new Fanout(log, settings, List.of(rule), 10, Clock.systemUTC(), System::nanoTime)) {
            var admitted = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> {
                var subscription = new Subscription(List.of(new TopicFilter("t")), new Start.Latest());
                if (fanout.admit(subscription) instanceof Admission.Admitted(Subscriber subscriber)) {
                    admitted.countDown();
                    fanout.serve(subscriber, (bytes, offset, length) -> {
                        synchronized (out) {
                            out.write(bytes, offset, length);
                        }
                    });
                }
            });
            admitted.await();
            for (int i = 1; i <= PUBLISHED; i++) {
                log.append(List.of(new Draft(new Topic("t"), "message", null, Integer.toString(i).getBytes(StandardCharsets.UTF_8), null)));
            }
            fanout.start();
            await().untilAsserted(() -> assertThat(text(out)).contains("id: 7k3q9x2m-" + PUBLISHED + "\n"));
            fanout.drain(Duration.ZERO);
        }
        return text(out);
    }

    private static String text(ByteArrayOutputStream out) {
        synchronized (out) {
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    private static List<Integer> events(String stream) {
        return DATA.matcher(stream).results().map(match -> Integer.valueOf(match.group(1))).toList();
    }
}
