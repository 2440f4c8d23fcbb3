package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.Hub;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.access.SharedTickets.Holder;
import dev.hark.app.access.SharedTickets.Pass;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tickets that are events of a log. */
class SharedTicketsTest {
    private static final Pass PASS = new Pass(new Holder.Token("a.token.of-somebody"), Optional.of(Filters.of("users/ann/*")));

    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), List.of(), Map.of()).load();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final Hub hub = Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, new VitalThreads());

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-29T12:00:00Z"));
    private final SharedTickets tickets = new SharedTickets(hub, now::get);

    @AfterEach
    void end() {
        hub.close();
    }

    private Ticket create() {
        return tickets.create(PASS, now.get().plusSeconds(60));
    }

    @Test
    void standsForItsCredentialUntilItIsUsed() {
        Ticket ticket = create();
        Ticket ofCertificate = tickets.create(
                new Pass(new Holder.Certificate("ab12"), Optional.empty()), now.get().plusSeconds(60));
        assertThat(tickets.find(ticket.text())).contains(PASS);
        assertThat(tickets.find(ticket.text())).as("a look uses nothing up").contains(PASS);
        assertThat(tickets.find(ofCertificate.text())).map(Pass::holder).contains(new Holder.Certificate("ab12"));
        assertThat(tickets.use(ticket.text())).isTrue();
        assertThat(tickets.find(ticket.text())).isEmpty();
        assertThat(tickets.use(ticket.text())).isFalse();
        assertThat(tickets.find(ofCertificate.text())).as("another one").isPresent();
    }

    @Test
    void ofAllWhoUseItOneDoes() throws Exception {
        Ticket ticket = create();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // None looks first: that is what is left where two find it unused at the same moment.
            Callable<Boolean> use = () -> new SharedTickets(hub, now::get).use(ticket.text());
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(threads.submit(use));
            }
            int won = 0;
            for (Future<Boolean> each : all) {
                won += each.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
    }

    @Test
    void isFoundAmongManyOfItsTopic() {
        Ticket ticket = create();
        for (int i = 0; i < 2_000; i++) {
            create();
        }
        assertThat(tickets.find(ticket.text())).contains(PASS);
        tickets.use(ticket.text());
        for (int i = 0; i < 2_000; i++) {
            create();
        }
        assertThat(tickets.find(ticket.text())).isEmpty();
    }

    @Test
    void takesNoMoreOfTheLogThanItHasTo() {
        var many = Filters.of(IntStream.range(0, 50).mapToObj(i -> new TopicFilter("x".repeat(400) + i)).toList());
        Pass large = new Pass(new Holder.Token("a.b.c"), Optional.of(many));
        assertThatThrownBy(() -> tickets.create(large, now.get().plusSeconds(60))).isInstanceOfSatisfying(
                AccessException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MALFORMED));
        assertThat(hub.newest().sequence()).isZero();

        var quota = new TicketQuota(now::get);
        var shop = new Caller.Service("shop");
        for (int i = 0; i < TicketQuota.MAX; i++) {
            quota.count(shop, Duration.ofMinutes(1));
        }
        assertThatThrownBy(() -> quota.count(shop, Duration.ofMinutes(1))).isInstanceOf(AccessException.class);
        quota.count(new Caller.Service("another"), Duration.ofMinutes(1));
        now.set(now.get().plusSeconds(60));
        quota.count(shop, Duration.ofMinutes(1));
    }

    @Test
    void nothingOfItIsPrinted() {
        assertThat(String.valueOf(PASS)).doesNotContain("somebody");
    }

    @Test
    void isOverWithItsTime() {
        Ticket ticket = create();
        now.set(now.get().plusMillis(59_999));
        assertThat(tickets.find(ticket.text())).isPresent();
        now.set(now.get().plusMillis(1));
        assertThat(tickets.find(ticket.text())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "x", "x.", ".7k3q9x2m-1", "x.7k3q9x2m-1", "x.7k3q9x2m-0", "x.other123-1", "x.7k3q9x2m-1.1",
        "x.7k3q9x2m-01", "x.7k3q9x2m-9223372036854775808"})
    void whatIsNoneIsNone(String text) {
        create();
        assertThat(tickets.find(text)).isEmpty();
    }

    @Test
    void anIdThatNobodyKnowsCannotBeDecided() {
        assertThatThrownBy(() -> tickets.find("x.7k3q9x2m-4711")).isInstanceOfSatisfying(
                AccessException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    }

    @Test
    void theIdOfAnotherEventOrTicketOpensNothing() {
        Ticket one = create();
        Ticket two = create();
        String random = one.text().substring(0, one.text().indexOf('.'));
        String id = two.text().substring(two.text().indexOf('.') + 1);
        hub.publish(List.of(new Draft(new Topic("a"), "message", null, "{\"given\":\"x\"}".getBytes(StandardCharsets.UTF_8), null)));
        assertThat(tickets.find(random + '.' + id)).isEmpty();
        assertThat(tickets.find(random + '.' + hub.newest())).isEmpty();
        EventId before = new EventId("7k3q9x2m", EventId.parse(id).orElseThrow().sequence() - 1);
        assertThat(tickets.find(two.text().substring(0, two.text().indexOf('.') + 1) + before)).isEmpty();
    }

    /** Whoever has the log, or a backup of it, has nothing that lets in. */
    @Test
    void theLogHoldsNeitherTheTicketNorTheCredential() throws Exception {
        Ticket ticket = create();
        tickets.use(ticket.text());
        var filters = Filters.of(List.of(TopicFilter.stored("$hark/**")));
        var request = new PageRequest(new Subscription(filters, new Start.Earliest(), Format.ENVELOPE), 100, Duration.ZERO);
        try (var page = ((PageAnswer.Given) hub.look(request)).page()) {
            String all = new String(page.json(Format.ENVELOPE), StandardCharsets.UTF_8);
            assertThat(page.events()).hasSize(2);
            assertThat(all).contains("sealed", "used").doesNotContain("somebody", "ann", ticket.text().substring(0, 43));
        }
    }

    @Test
    void aSealOpensWithItsTextAloneAndUnchanged() {
        byte[] content = "content".getBytes(StandardCharsets.UTF_8);
        String sealed = Seal.close("random", content);
        assertThat(Seal.open("random", sealed)).hasValue(content);
        assertThat(Seal.open("Random", sealed)).isEmpty();
        char first = sealed.charAt(20);
        assertThat(Seal.open("random", sealed.substring(0, 20) + (first == 'A' ? 'B' : 'A') + sealed.substring(21))).isEmpty();
        assertThat(Seal.open("random", "")).isEmpty();
        assertThat(Seal.open("random", "?")).isEmpty();
        assertThat(Seal.open("random", sealed.substring(0, 16))).isEmpty();
    }
}
