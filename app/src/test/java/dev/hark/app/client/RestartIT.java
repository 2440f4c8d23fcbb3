package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.app.Program;
import dev.hark.app.Wire;
import dev.hark.app.client.Listener.Heard;
import dev.hark.app.crash.DurableServer;
import dev.hark.app.demo.Chromium;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chromium's EventSource and npm eventsource over SIGKILLs of a server on the durable log: nothing is missing, nothing comes
 * twice, and they are told of no gap.
 */
class RestartIT {
    private static final String QUICK_RETRY = "delivery.retry=PT0.1S";
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final int KILLS = 2;
    private static final int COUNT = 20;

    private static final String LISTEN =
            """
            url => {
              window.heard = []
              window.opened = 0
              window.source = new EventSource(url)
              // Not at its head: until this it has no id to come back with.
              source.addEventListener('hark.open', () => opened++)
              for (const type of ['message', 'hark.gap', 'hark.close']) {
                source.addEventListener(type, event => heard.push([event.type, event.data, event.lastEventId]))
              }
            }""";

    @TempDir
    private Path folder;

    /** What a client is to hear: type, data, id. */
    private final List<List<String>> published = new ArrayList<>();

    @Test
    void eventSourceOfNpmLosesNothing() throws Exception {
        Clients.require("node");
        try (Cable cable = Cable.to(NOBODY);
                var server = new DurableServer(folder)) {
            Program program = start(server, cable);
            try (Listener client = Clients.node("eventsource.mjs", cable.url("/topics/news"))) {
                client.awaitOpen(1);
                killAndRestart(server, program, cable, count -> client.events().size() >= count);
                assertThat(client.events())
                        .isEqualTo(published.stream().map(each -> new Heard("event", each.get(0), each.get(1), each.get(2))).toList());
            }
        }
    }

    @Test
    void eventSourceOfChromiumLosesNothing() throws Exception {
        try (Chromium chromium = Chromium.start();
                BrowserContext context = chromium.contextWithoutPolicies();
                Cable cable = Cable.to(NOBODY);
                var server = new DurableServer(folder)) {
            Program program = start(server, cable);
            Page page = context.newPage();
            page.navigate(cable.url("/problems/malformed"));
            page.evaluate(LISTEN, "/topics/news");
            await("opened").pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("opened") == 1);
            killAndRestart(server, program, cable, count -> (int) page.evaluate("heard.length") >= count);
            assertThat(page.evaluate("heard")).isEqualTo(published);
        }
    }

    private static Program start(DurableServer server, Cable cable) {
        Program program = server.start(QUICK_RETRY);
        cable.layTo(program.awaitUri());
        return program;
    }

    /**
     * Publishes before, between and after {@value #KILLS} kills: while the client is there, while it is on
     * its way back, and once it is back.
     */
    private void killAndRestart(DurableServer server, Program first, Cable cable, IntPredicate heard) throws InterruptedException {
        Program program = first;
        publish(program.awaitUri());
        for (int i = 0; i < KILLS; i++) {
            publish(program.awaitUri());
            // At once: some of these the client may not have been given yet.
            DurableServer.kill(program);
            cable.layTo(NOBODY);
            program = server.start(QUICK_RETRY);
            publish(program.awaitUri());
            cable.layTo(program.awaitUri());
            publish(program.awaitUri());
            await("heard " + published.size()).pollInSameThread().atMost(Wire.PATIENCE).until(() -> heard.test(published.size()));
        }
        assertThat(program.err()).as("it was killed").contains("was not closed").doesNotContain("lost");
    }

    private void publish(URI server) {
        try (Wire wire = Wire.connect(server)) {
            for (int i = 0; i < COUNT; i++) {
                String data = "event " + published.size();
                int length = data.getBytes(StandardCharsets.UTF_8).length;
                String id = wire.nextHead().request("POST", "/topics/news", "Content-Length: " + length).send(data).answer().json("id");
                published.add(List.of("message", data, id));
            }
        }
    }
}
