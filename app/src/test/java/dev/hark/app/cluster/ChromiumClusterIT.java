package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.app.Wire;
import dev.hark.app.client.Proxy;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.demo.Chromium;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A browser behind HAProxy before three nodes, while these are restarted one after another. */
@Tag("long")
class ChromiumClusterIT {
    private static final String TOPIC = "news";

    /** To each node while it is away, and to all between. */
    private static final int COUNT = 5;

    @TempDir
    private Path folder;

    private final List<String> published = new ArrayList<>();

    @Test
    void aBrowserMissesNothingWhileNodesAreRestartedOneAfterAnother() throws Exception {
        try (Cluster cluster = Cluster.start(folder);
                Proxy proxy = Proxy.startBefore(cluster.uris(), folder);
                Chromium chromium = Chromium.start();
                BrowserContext context = chromium.contextWithoutPolicies()) {
            var meeting = new Meeting(List.of(URI.create(proxy.url(""))));
            var publisher = new ClusterPublisher("p", meeting, 0);
            Page page = context.newPage();
            page.navigate(proxy.url("/problems/malformed"));
            page.evaluate(
                    """
                    () => {
                      window.heard = []
                      window.told = []
                      window.opened = 0
                      window.source = new EventSource('/topics/news')
                      source.onopen = () => opened++
                      source.onmessage = event => heard.push(event.data)
                      source.addEventListener('hark.gap', event => told.push(event.data))
                    }""");
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("opened") == 1);
            publish(publisher);
            awaitHeard(page);
            for (HubNode node : cluster.nodes()) {
                node.terminate();
                publish(publisher);
                awaitHeard(page);
                node.start();
                node.awaitStarted();
                publish(publisher);
            }
            awaitHeard(page);
            assertThat(page.evaluate("heard")).isEqualTo(published);
            assertThat(page.evaluate("told")).isEqualTo(List.of());
            assertThat((int) page.evaluate("opened")).as("it was on a node that was restarted").isGreaterThan(1);
        }
    }

    /** Each until it is acknowledged, by whichever node the proxy chooses. */
    private void publish(ClusterPublisher publisher) {
        for (int i = 0; i < COUNT; i++) {
            String data = "event " + published.size();
            List<Sent> sent = List.of(new Sent(TOPIC, data, "key of " + data));
            await(data).pollInSameThread().atMost(Wire.PATIENCE).until(() ->
                    publisher.attempt(0, sent).filter(outcome -> outcome instanceof Outcome.Acknowledged).isPresent());
            published.add(data);
        }
    }

    private void awaitHeard(Page page) {
        await("all that was published").pollInSameThread().atMost(Wire.PATIENCE)
                .until(() -> (int) page.evaluate("heard.length") >= published.size());
    }
}
