package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.UnusableLogException;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
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

        assertThat(stream).containsOnlyOnce("hark.gap")
                .contains("\"reason\":\"retention\",\"after\":\"7k3q9x2m-0\",\"resumedAt\":\"7k3q9x2m-1900\"");
        assertThat(events(stream)).containsExactlyElementsOf(IntStream.rangeClosed(PUBLISHED - retained + 1, PUBLISHED).boxed().toList());
    }

    @Test
    void outlivesALogThatCannotBeRead() throws InterruptedException {
        var log = log(PUBLISHED);
        var loader = EventLog.class.getClassLoader();
        EventLog unreadable = (EventLog) Proxy.newProxyInstance(loader, new Class<?>[] {EventLog.class}, (proxy, method, arguments) -> {
            if (List.of("read", "follow", "since", "back").contains(method.getName())) {
                throw new UnusableLogException("the log is damaged");
            }
            return method.invoke(log, arguments);
        });
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 1 << 30));
        var vital = new VitalThreads();
        try (var fanout = new Fanout(unreadable, settings, List.of(rule), 10, Clock.systemUTC(), System::nanoTime, vital)) {
            var behind = new AtomicReference<StreamEnd>();
            var told = new ByteArrayOutputStream();
            serve(fanout, told, behind);
            for (int i = 1; i <= PUBLISHED; i++) {
                publish(log, i);
            }
            fanout.start();
            await().untilAsserted(() -> assertThat(behind.get()).isEqualTo(StreamEnd.UNREADABLE));
            assertThat(text(told)).endsWith("event: hark.close\nid: 7k3q9x2m-0\ndata: {\"reason\":\"unreadable\"}\n\n");
            var live = new ByteArrayOutputStream();
            serve(fanout, live, new AtomicReference<>());
            var searching = new AtomicReference<StreamEnd>();
            serve(fanout, new ByteArrayOutputStream(), searching, new Start.Back(Duration.ofHours(1)));
            await().untilAsserted(() -> assertThat(searching.get()).isEqualTo(StreamEnd.UNREADABLE));
            publish(log, PUBLISHED + 1);
            await().untilAsserted(() -> assertThat(events(text(live))).containsExactly(PUBLISHED + 1));
            assertThat(vital.death()).isEmpty();
            assertThat(fanout.counters().ended(StreamEnd.UNREADABLE)).isEqualTo(2);
            fanout.drain(Duration.ZERO);
        }
    }

    /** Returns once the stream is admitted. */
    private static void serve(Fanout fanout, ByteArrayOutputStream out, AtomicReference<StreamEnd> end) throws InterruptedException {
        serve(fanout, out, end, new Start.Latest());
    }

    private static void serve(Fanout fanout, ByteArrayOutputStream out, AtomicReference<StreamEnd> end, Start start)
            throws InterruptedException {
        var admitted = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            var subscription = new Subscription(Filters.of("t"), start);
            if (fanout.admit(subscription) instanceof Admission.Admitted(Subscriber subscriber)) {
                admitted.countDown();
                end.set(fanout.serve(subscriber, (bytes, offset, length) -> {
                    synchronized (out) {
                        out.write(bytes, offset, length);
                    }
                }));
            }
        });
        admitted.await();
    }

    private static MemoryLog log(int retained) {
        return new MemoryLog(
                "7k3q9x2m",
                new LogConfig(
                        new Retention(retained, Duration.ofDays(1), 1 << 30),
                        new HotLimits(10, 1 << 20),
                        new IdempotencyLimits(10, Duration.ofDays(1))),
                Clock.systemUTC());
    }

    private static void publish(EventLog log, int number) {
        log.append(List.of(new Draft(new Topic("t"), "message", null, Integer.toString(number).getBytes(StandardCharsets.UTF_8), null)));
    }

    /** What a subscriber that was there before is given of {@link #PUBLISHED} events, when its lane starts only after the last one. */
    private static String streamOf(int retained, OverflowPolicy policy, int mailbox) throws InterruptedException {
        var log = log(retained);
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        var rule = new TopicRule(TopicFilter.ALL, policy, new MailboxLimits(mailbox, 1 << 30));
        var out = new ByteArrayOutputStream();
        try (var fanout = new Fanout(log, settings, List.of(rule), 10, Clock.systemUTC(), System::nanoTime, new VitalThreads())) {
            serve(fanout, out, new AtomicReference<>());
            for (int i = 1; i <= PUBLISHED; i++) {
                publish(log, i);
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
