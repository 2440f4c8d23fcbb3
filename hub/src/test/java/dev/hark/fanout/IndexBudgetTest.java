package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Filters;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Isolated("it measures the heap of the whole process")
class IndexBudgetTest {
    private static final Mailbox NO_MAILBOX = new Mailbox(new MailboxLimits(1, 1), OverflowPolicy.REPLAY, Events.ERA);
    private static final LongAdder NO_COUNTER = new LongAdder();

    /** Filters of streams, and how many streams are measured: some 10 MB. */
    enum Kind {
        ONE_TOPIC_EACH(40_000, stream -> List.of("users/" + stream + "/orders")),
        ONE_TOPIC_FOR_ALL(40_000, stream -> List.of("users/all/orders")),
        ONE_WILDCARD_EACH(40_000, stream -> List.of("users/" + stream + "/**")),
        TEN_TOPICS(8_000, stream -> numbered(10, i -> "users/" + stream + "/orders/" + i)),
        HUNDRED_LONG_TOPICS(200, stream -> numbered(100, i -> stream + "/" + i + "/" + "x".repeat(490))),
        HUNDRED_LONG_TOPICS_BEYOND_LATIN(200, stream -> numbered(100, i -> stream + "/" + i + "/" + "字" + "x".repeat(487))),
        HUNDRED_SHAPES(300, stream -> numbered(100, i -> shape(stream * 100 + i))),
        HUNDRED_OTHER_TEXTS_OF_ONE_SHAPE(400, stream -> numbered(100, i -> "a/*/" + stream + "/*/" + i));

        private final int streams;

        @SuppressWarnings("ImmutableEnumChecker") // every one is a lambda without state
        private final IntFunction<List<String>> filters;

        Kind(int streams, IntFunction<List<String>> filters) {
            this.streams = streams;
            this.filters = filters;
        }

        Filters filters(int stream) {
            return Filters.of(filters.apply(stream).toArray(String[]::new));
        }
    }

    private static List<String> numbered(int count, IntFunction<String> text) {
        return IntStream.range(0, count).mapToObj(text).toList();
    }

    /** A filter of thirty-two segments that no other number's is like: its bits say where it has a {@code *}. */
    private static String shape(int number) {
        return IntStream.range(0, 32).mapToObj(bit -> (number >>> bit % 16 & 1) == 0 ? "a" : "*").collect(Collectors.joining("/"));
    }

    @ParameterizedTest
    @EnumSource
    void costsNoLessThanWhatTheHeapSays(Kind kind) {
        long before = usedHeap();
        var index = new SubscriberIndex();
        var seats = new ArrayList<Seat>(kind.streams);
        long cost = 0;
        for (int i = 0; i < kind.streams; i++) {
            Filters filters = kind.filters(i);
            cost += IndexBudget.cost(filters);
            var seat = new Seat(filters, NO_MAILBOX, NO_COUNTER);
            index.add(seat);
            seats.add(seat);
        }
        long measured = usedHeap() - before;

        System.out.printf("%s: %d bytes a stream, reckoned %d%n", kind, measured / kind.streams, cost / kind.streams);
        assertThat(measured).as("bytes of %d streams", kind.streams).isLessThanOrEqualTo(cost);
        assertThat(measured).as("measured at all").isGreaterThan(cost / 20);
        assertThat(index.size()).as("held until here").isEqualTo(seats.size());
    }

    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    @Test
    void aSubscriptionFitsUpToItsLastByte() {
        Filters filters = filters("users/1/**", "news");
        int cost = (int) IndexBudget.cost(filters);

        new IndexBudget(new IndexLimits(cost, cost)).requireFits(filters);

        var less = new IndexBudget(new IndexLimits(cost - 1, cost));
        assertThatThrownBy(() -> less.requireFits(filters)).isInstanceOf(InvalidEventException.class)
                .hasMessage("the subscription's 2 topic filters take " + cost + " bytes of the index; the limit is " + (cost - 1));
        assertThat(less.tooLarge()).isEqualTo(1);
        assertThat(less.bytes()).isZero();
    }

    @Test
    void takesUpToItsLastByteAndGivesBack() {
        Filters filters = filters("a", "b/*");
        long cost = IndexBudget.cost(filters);
        var budget = new IndexBudget(new IndexLimits(1, 3 * cost - 1));

        assertThat(budget.take(filters)).isEmpty();
        assertThat(budget.take(filters)).isEmpty();
        assertThat(budget.take(filters)).hasValueSatisfying(
                sentence -> assertThat(sentence).contains(String.valueOf(2 * cost), String.valueOf(3 * cost - 1), "limits.index-bytes"));
        assertThat(budget.refused()).isEqualTo(1);
        assertThat(budget.bytes()).isEqualTo(2 * cost);

        budget.giveBack(filters);
        assertThat(budget.take(filters)).isEmpty();
        budget.giveBack(filters);
        budget.giveBack(filters);
        assertThat(budget.bytes()).isZero();

        var enough = new IndexBudget(new IndexLimits(1, 3 * cost));
        for (int i = 0; i < 3; i++) {
            assertThat(enough.take(filters)).isEmpty();
        }
    }

    @Test
    void boundsTheShapesOfAllStreamsButTheSimpleOnes() {
        var budget = new IndexBudget(new IndexLimits(1, Long.MAX_VALUE));
        int taken = 0;
        var last = new ArrayList<Filters>();
        for (int number = 0; taken < IndexBudget.MAX_SHAPES; number++) {
            Filters filters = filters(shape(number));
            if (!Shape.of(filters.asList().getFirst()).isSimple()) {
                assertThat(budget.take(filters)).isEmpty();
                last.add(filters);
                taken++;
            }
        }
        Filters another = filters("*/b/*/d/**", "x");

        assertThat(budget.take(another)).hasValueSatisfying(sentence -> assertThat(sentence).contains("1024", "shapes"));
        assertThat(budget.take(filters("*/b/c", "a/**", "a/b"))).as("simple shapes have room").isEmpty();
        assertThat(budget.take(last.getFirst())).as("and so has a shape that is there").isEmpty();

        budget.giveBack(last.getFirst());
        assertThat(budget.take(another)).as("it is still there").isNotEmpty();
        budget.giveBack(last.getFirst());
        assertThat(budget.take(another)).as("now it is gone").isEmpty();
        assertThat(budget.refused()).isEqualTo(2);
    }

    @Test
    void limitsContradictNeitherThemselvesNorEachOther() {
        assertThat(new IndexLimits(1, 1)).isNotNull();
        assertThatThrownBy(() -> new IndexLimits(0, 1)).hasMessageContaining("limits.subscription-bytes is 0");
        assertThatThrownBy(() -> new IndexLimits(2, 1)).hasMessageContaining("limits.index-bytes is 1").hasMessageContaining("which is 2");
    }

    private static Filters filters(String... filters) {
        return Filters.of(filters);
    }
}
