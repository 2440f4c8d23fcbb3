package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Logs;
import dev.hark.TestHub.Setup;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Start;
import dev.hark.log.EventLog;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What retention has taken from among others and is hot still: who resumes is given it, and told of no gap. */
@Timeout(60)
class HubKeptTest {
    private static final int KEPT = 10;
    private static final int PUBLISHED = 100;

    /** An engine whose log keeps few prices. */
    private static Logs few(Engine engine) {
        return (folder, config, clock, vital) -> engine.open(folder, withFewPrices(config), clock, vital);
    }

    private static LogConfig withFewPrices(LogConfig config) {
        var keep = new Keep(new Retention(KEPT, TestHub.LONG, 1L << 40));
        var classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("prices/*"), keep)), config.retention());
        return new LogConfig(classes, config.hot(), config.idempotency(), config.stall());
    }

    /** The positions of an order, and of the prices after it, of which most are taken. */
    private static List<Long> publish(TestHub test) {
        var positions = new ArrayList<Long>(List.of(test.publish("orders")));
        for (int i = 0; i < PUBLISHED; i++) {
            positions.add(test.publish("prices/a"));
        }
        test.hub.log().maintain();
        assertThat(test.hub.kept().getLast().events()).isEqualTo(KEPT);
        return positions;
    }

    private static TestPage after(TestHub test, long position, String... filters) {
        return TestPage.ask(test.hub, new Start.After(TestHub.EPOCH + "-" + position), filters);
    }

    @ParameterizedTest
    @EnumSource
    void isGivenWithoutAGap(Engine engine) {
        try (TestHub test = TestHub.startInRealTime(few(engine), Setup.USUAL)) {
            List<Long> positions = publish(test);
            TestPage prices = after(test, positions.get(1), "prices/*");

            assertThat(prices.gap()).isEqualTo("null");
            assertThat(prices.sequences()).isEqualTo(positions.subList(2, PUBLISHED + 1));
            TestStream stream = TestStream.open(test.hub, new Start.After(TestHub.EPOCH + "-" + positions.get(1)), "prices/*")
                    .awaitMessages(PUBLISHED - 1);
            assertThat(stream.control("hark.gap")).isEmpty();
            assertThat(stream.sequences()).isEqualTo(positions.subList(2, PUBLISHED + 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isGoneOnceItIsNoLongerHot(Engine engine) {
        try (TestHub test = TestHub.startInRealTime(few(engine), Setup.USUAL.hot(PUBLISHED / 2))) {
            List<Long> positions = publish(test);
            TestPage late = after(test, positions.get(1), "prices/*");
            TestPage early = after(test, positions.get(PUBLISHED / 2), "prices/*");

            assertThat(late.gap()).startsWith("retention ");
            assertThat(late.sequences()).as("what is kept").isEqualTo(positions.subList(PUBLISHED + 1 - KEPT, PUBLISHED + 1));
            assertThat(early.gap()).as("right behind what is no longer hot").isEqualTo("null");
            assertThat(early.sequences()).isEqualTo(positions.subList(PUBLISHED / 2 + 1, PUBLISHED + 1));
            assertThat(after(test, positions.getFirst(), "orders").gap()).isEqualTo("null");
        }
    }

    /** What is hot after a start is what was stored: the rest was taken before. */
    @Test
    void isGoneWithTheProcess() {
        Logs reopened = (folder, config, clock, vital) -> {
            LogConfig few = withFewPrices(config);
            try (EventLog log = Engine.SQLITE.open(folder, few, clock, vital)) {
                LongStream.range(0, PUBLISHED).forEach(i -> log.append(List.of(TestHub.draft(i == 0 ? "orders" : "prices/a", "x", null))));
                log.maintain();
            }
            return Engine.SQLITE.open(folder, few, clock, vital);
        };
        try (TestHub test = TestHub.startInRealTime(reopened, Setup.USUAL)) {
            TestPage prices = after(test, 2, "prices/*");

            assertThat(prices.gap()).isEqualTo("retention " + TestHub.EPOCH + "-2 " + TestHub.EPOCH + "-2");
            assertThat(prices.sequences()).isEqualTo(LongStream.rangeClosed(PUBLISHED - KEPT + 1, PUBLISHED).boxed().toList());
            assertThat(after(test, 1, "orders").gap()).isEqualTo("null");
        }
    }
}
