package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.GapReason;
import dev.hark.event.TopicFilter;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamWatchTest {
    private static final Filters FILTERS = Filters.of("a", "b/*");
    private static final Duration LONG = Duration.ofDays(1);

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Fanout fanout = fanout(new StreamWatch() {
        @Override
        public void came(Filters filters) {
            told.add("came " + filters);
        }

        @Override
        public void left(Filters filters) {
            told.add("left " + filters);
        }

        @Override
        public void gap(Filters filters, GapReason reason) {
            told.add(reason.wireName() + ' ' + filters);
        }
    });

    @AfterEach
    void end() {
        fanout.close();
    }

    /** Of one stream at most. */
    private static Fanout fanout(StreamWatch watch) {
        var config = new LogConfig(
                new Retention(10, LONG, 1 << 20), new HotLimits(10, 1 << 20), new IdempotencyLimits(10, LONG));
        var log = new MemoryLog("7k3q9x2m", config, Clock.systemUTC());
        var settings = new DeliverySettings(1, LONG, "", Duration.ofSeconds(2), LONG);
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 100));
        return new Fanout(log, settings, List.of(rule), 1, IndexLimits.DEFAULT, Clock.systemUTC(), System::nanoTime, new VitalThreads(),
                watch);
    }

    private static PageRequest page(Start start, Duration wait) {
        return new PageRequest(new Subscription(FILTERS, start, Format.ENVELOPE), 10, wait);
    }

    @Test
    void isToldOfWhoComesAndGoesAndOfNobodyWhoIsRefused() {
        var admitted = (Admission.Admitted) fanout.admit(new Subscription(FILTERS, new Start.Latest()));
        assertThat(told).containsExactly("came [a, b/*]");
        assertThat(fanout.admit(new Subscription(FILTERS, new Start.Latest()))).isInstanceOf(Admission.Refused.class);
        assertThat(told).hasSize(1);

        fanout.serve(admitted.subscriber(), (bytes, offset, length) -> {
            throw new IOException("the client has gone");
        });
        assertThat(told).containsExactly("came [a, b/*]", "left [a, b/*]");
    }

    @Test
    void isToldWhatAStreamIsToldToLack() {
        var lost = new Subscription(FILTERS, new Start.After("00000000-7"));
        var admitted = (Admission.Admitted) fanout.admit(lost);
        fanout.serve(admitted.subscriber(), (bytes, offset, length) -> {
            throw new IOException("the client has gone");
        });

        assertThat(told).containsExactly("came [a, b/*]", "reset [a, b/*]", "left [a, b/*]");
    }

    @Test
    void countsPagesThatMayWaitAndNoOthers() throws Exception {
        fanout.start();
        fanout.page(page(new Start.Earliest(), Duration.ofMillis(1)), gone -> {});
        assertThat(told).containsExactly("came [a, b/*]", "left [a, b/*]");
        fanout.page(page(new Start.Earliest(), Duration.ZERO), gone -> {});
        assertThat(told).hasSize(2);
        fanout.page(page(new Start.After("00000000-7"), Duration.ZERO), gone -> {});
        assertThat(told).hasSize(3).endsWith("reset [a, b/*]");
    }

    @Test
    void isToldNothingOfWhatTheHubReadsForItself() throws Exception {
        fanout.look(page(new Start.After("00000000-7"), Duration.ZERO));

        assertThat(told).isEmpty();
    }
}
