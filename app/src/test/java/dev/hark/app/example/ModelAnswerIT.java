package dev.hark.app.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.hark.app.client.Clients;
import dev.hark.app.demo.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The answer of a model, read while it is written: by a page that is loaded again, by a second tab, and by one that comes afterwards. */
@Timeout(300)
class ModelAnswerIT {
    /** In the place of the example's: what that one says, but it stops in the middle until there is a file. */
    private static final String MODEL = """
            import { existsSync } from 'node:fs';
            import { setTimeout as sleep } from 'node:timers/promises';
            import { answer as pieces } from './fixture.mjs';

            export async function* answer(question) {
              let said = 0;
              for await (const piece of pieces(question, 1)) {
                while (said >= 10 && !existsSync('go')) {
                  await sleep(20);
                }
                said++;
                yield piece;
              }
            }
            """;

    @TempDir
    private Path folder;

    private final List<String> errors = new ArrayList<>();

    @Test
    void survivesAReloadARestartAndASecondTab() throws Exception {
        Clients.requireOnPath("node");
        Path example = ExampleHub.EXAMPLES.resolve("model-answer");
        for (String file : List.of("service.mjs", "index.html", "page.js")) {
            Files.copy(example.resolve(file), folder.resolve(file));
        }
        Files.copy(example.resolve("model.mjs"), folder.resolve("fixture.mjs"));
        Files.writeString(folder.resolve("model.mjs"), MODEL);
        try (ExampleHub hub = ExampleHub.start(folder);
                ExampleService service = ExampleService.node(folder, hub, environment(hub));
                Chromium chromium = Chromium.start();
                BrowserContext context = chromium.browser().newContext()) {
            Page first = open(context, service.url());
            first.getByRole(AriaRole.BUTTON).click();
            await("the first half").atMost(ExampleService.PATIENCE).until(() -> said(hub).size() >= 10);
            String half = String.join("", said(hub));
            shows(first, "Writing", half);
            Page second = open(context, first.url());
            shows(second, "Writing", half);
            first.reload();
            shows(first, "Writing", half);

            hub.stop();
            Files.createFile(folder.resolve("go"));
            hub.startAgain();
            await("the end").pollInSameThread().atMost(ExampleService.PATIENCE)
                    .until(() -> first.locator("#state").textContent(), "Whole"::equals);
            String whole = String.join("", said(hub));
            assertThat(whole).startsWith(half).endsWith("and goes on from there.")
                    .contains(" 10 requests for 1 answer", ".\n\nWhat was said");
            shows(first, "Whole", whole);
            shows(second, "Whole", whole);
            shows(open(context, first.url()), "Whole", whole);
            assertThat(errors).isEmpty();
        }
    }

    private static Map<String, String> environment(ExampleHub hub) {
        Map<String, String> environment = new HashMap<>(hub.environment());
        environment.put("STYLE", ExampleHub.EXAMPLES.resolve("plain-page").resolve("style.css").toString());
        return environment;
    }

    /** What the service has published so far, piece by piece. */
    private static List<String> said(ExampleHub hub) {
        return hub.published("answers/*").stream().map(data -> data.path("text").asText()).toList();
    }

    private static void shows(Page page, String state, String text) {
        await(state).pollInSameThread().atMost(ExampleService.PATIENCE)
                .until(() -> List.of(page.locator("#state").textContent(), page.locator("#answer").textContent()),
                        List.of(state, text)::equals);
    }

    private Page open(BrowserContext context, String url) {
        Page page = context.newPage();
        page.onPageError(errors::add);
        page.navigate(url);
        return page;
    }
}
