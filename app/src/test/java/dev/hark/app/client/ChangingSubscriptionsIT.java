package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Subscriptions of {@code hark.js} that come and go while there is publishing: each is given all that is its own from where it began, once,
 * in order, and one connection is enough for all.
 */
@Timeout(300)
class ChangingSubscriptionsIT {
    private static final int TOPICS = 5;
    private static final int BATCH = 7;

    /** Makes changes, and returns what is wrong with what the subscriptions were told. */
    private static final String CHANGE = """
            async ([changes, topics, random]) => {
              const { connect } = await import('/client/hark.js')
              const hub = connect('/')
              const wrong = []
              const gap = gap => wrong.push(['gap', gap])
              const all = []
              hub.subscribe('s/*', event => all.push(event.data.n), { onGap: gap, since: 'earliest' })
              let newest = null
              const note = event => { newest = event }
              hub.subscribe('s/**', note, { onGap: gap })
              const here = []
              let seed = random
              const next = below => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % below }
              const check = each => each.heard.forEach((n, i) => {
                const expected = i === 0 ? each.first : each.heard[i - 1] + topics
                if (expected !== null && n !== expected) wrong.push(['change ' + each.change, i, expected, n])
              })
              for (let change = 0; change < changes; change++) {
                const mine = change % topics
                const each = { change, heard: [], first: null }
                const options = { onGap: gap }
                if (newest !== null && next(2) === 0) {
                  options.since = newest.id
                  each.first = newest.data.n + 1 + (mine - (newest.data.n + 1) % topics + topics) % topics
                }
                each.stop = hub.subscribe('s/' + mine, event => each.heard.push(event.data.n), options)
                here.push(each)
                if (here.length > 10) {
                  const gone = here.splice(next(10), 1)[0]
                  gone.stop()
                  check(gone)
                }
                await new Promise(done => setTimeout(done, next(20)))
              }
              window.wrong = wrong
              window.all = all
              window.begun = () => here.every(each => each.heard.length > 0)
              window.last = () => { here.forEach(check); return here.map(each => each.heard.at(-1) ?? -1) }
              return hub.status.state
            }""";

    @Test
    void loseNothingAndAreGivenNothingTwice() throws InterruptedException {
        change(100);
    }

    @Test
    @Tag("long")
    void loseNothingAndAreGivenNothingTwiceInAThousandChanges() throws InterruptedException {
        change(1_000);
    }

    private static void change(int changes) throws InterruptedException {
        int seed = (int) (System.nanoTime() & 0xffff_ff);
        try (Chromium chromium = Chromium.start();
                BrowserContext context = chromium.contextWithoutPolicies();
                RunningHub hub = RunningHub.start()) {
            var published = new AtomicInteger();
            var going = new AtomicBoolean(true);
            CompletableFuture<Void> publisher = CompletableFuture.runAsync(() -> {
                while (going.get()) {
                    String batch = IntStream.range(published.get(), published.get() + BATCH)
                            .mapToObj(n -> "{\"topic\":\"s/" + n % TOPICS + "\",\"data\":{\"n\":" + n + "}}\n")
                            .collect(Collectors.joining());
                    assertThat(hub.post("/events", batch, "Content-Type", "application/x-ndjson").status()).isEqualTo(201);
                    published.addAndGet(BATCH);
                }
            }, Thread::startVirtualThread);
            Page page = context.newPage();
            page.navigate(hub.uri("/problems/malformed").toString());
            page.evaluate(CHANGE, List.of(changes, TOPICS, seed));
            // Who has asked for its start, but not been told it yet, would begin behind the last event.
            await("all are given something").pollInSameThread().atMost(Wire.PATIENCE).until(() -> (boolean) page.evaluate("begun()"));
            going.set(false);
            publisher.join();

            int count = published.get();
            assertThat(count).as("published meanwhile").isGreaterThan(changes / 10);
            await("all").pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("all.length") >= count);
            assertThat(page.evaluate("all.every((n, i) => n === i) && all.length")).as("seed " + seed).isEqualTo(count);
            await("the last of each").pollInSameThread().atMost(Wire.PATIENCE).until(
                    () -> (List<?>) page.evaluate("last()"), last -> last.stream().allMatch(n -> (int) n >= count - TOPICS));
            assertThat(page.evaluate("wrong")).as("seed " + seed).isEqualTo(List.of());
            // Not how many at once: each is closed before the next is asked for, and the hub may notice several closed ones late.
            hub.awaitStreams(1);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).as("changes are made together").isLessThan(2L * changes);
        }
    }
}
