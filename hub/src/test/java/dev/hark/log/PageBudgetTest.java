package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PageBudgetTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final int EVENT_BYTES = 1_000;

    private final PageBudget budget = new PageBudget();

    @Test
    void lendsAFirstPartOfWhatIsLong() {
        try (HeldPage held = budget.lend(page(1, 500, EVENT_BYTES), 0)) {
            Page part = held.page();
            assertThat(frames(part)).isBetween(100_000L, (long) PageBudget.PAGE_BYTES + 2 * EVENT_BYTES);
            assertThat(part.from()).isZero();
            assertThat(part.through()).as("up to the next event").isEqualTo(part.events().size());
            assertThat(part.events()).extracting(Event::sequence)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, part.through()).boxed().toList());
            assertThat(budget.held()).isBetween(frames(part), 2 * frames(part));
        }
        assertThat(budget.held()).isZero();
    }

    @Test
    void lendsWhatIsShortAsItIs() {
        Page page = page(1, 3, EVENT_BYTES);
        try (HeldPage held = budget.lend(page, 0)) {
            assertThat(held.page()).isSameAs(page);
            assertThat(budget.held()).as("no more than one write takes").isZero();
        }
    }

    @Test
    void lendsWhatOneWriteTakesWhereMuchIsHeld() {
        var held = new ArrayList<HeldPage>();
        while (held.isEmpty() || frames(held.getLast().page()) > PageBudget.LEAST_BYTES + 2 * EVENT_BYTES) {
            held.add(budget.lend(page(1, 500, EVENT_BYTES), 0));
            assertThat(held).hasSizeLessThan(1_000);
        }
        assertThat(held.stream().mapToLong(each -> frames(each.page())).sum())
                .isBetween(PageBudget.MAX_BYTES / 2, PageBudget.MAX_BYTES + PageBudget.LEAST_BYTES + 2 * EVENT_BYTES);
        assertThat(held.getLast().page().events()).isNotEmpty();
        assertThat(budget.held()).isLessThanOrEqualTo(PageBudget.MAX_BYTES);

        held.removeFirst().close();
        HeldPage again = budget.lend(page(1, 500, EVENT_BYTES), 0);
        assertThat(frames(again.page())).as("there is room again").isGreaterThan(100_000);
        again.close();
        held.forEach(HeldPage::close);
        assertThat(budget.held()).isZero();
    }

    @Test
    void lendsOneEventHoweverLargeItIs() {
        var held = new ArrayList<HeldPage>();
        for (int i = 0; i < 20; i++) {
            held.add(budget.lend(page(1, 3, 1 << 20), 0));
            assertThat(held.getLast().page().events()).hasSize(1);
            assertThat(held.getLast().page().through()).isEqualTo(1);
        }
        held.forEach(HeldPage::close);
        assertThat(budget.held()).isZero();
    }

    private static long frames(Page page) {
        return page.events().stream().mapToLong(event -> event.frame().length()).sum();
    }

    private static Page page(long first, int count, int bytes) {
        List<Event> events = LongStream.range(first, first + count)
                .mapToObj(sequence -> Event.of(
                        EPOCH, sequence, 0, new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, "x".repeat(bytes).getBytes(UTF_8), null)))
                .toList();
        return new Page(EPOCH, first - 1, events, first + count - 1);
    }
}
