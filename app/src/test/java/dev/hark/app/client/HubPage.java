package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Page;
import dev.hark.app.Wire;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A page in a browser that listens with {@code hark.js}, and keeps what it is told. Confined to the test's thread. */
record HubPage(Page page) {
    /** Puts what subscriptions are told into {@code window.told}, a list by name, and the states into {@code window.states}. */
    private static final String CONNECT = """
            async ([module, hub, options]) => {
              const { connect } = await import(module)
              window.told = {}
              window.states = []
              window.stops = {}
              window.asked = 0
              window.answers = []
              const given = () => {
                asked++
                const answer = answers.length > 1 ? answers.shift() : answers[0]
                if (answer == null) throw new Error('no answer')
                if (answer === 'hang') return new Promise(() => {})
                return answer
              }
              const token = options.tokens ? { token: given } : {}
              if (options.tokens) answers.push(...options.tokens)
              window.hub = connect(hub, { ...options, ...token, onState: status => states.push(status) })
              window.listen = (name, filter, more = {}) => {
                const list = told[name] = []
                stops[name] = window.hub.subscribe(filter, event => list.push(event.data), {
                  ...more,
                  onGap: gap => list.push('gap ' + gap.reason),
                  onDeleted: deleted => list.push('deleted ' + deleted.topic),
                  onCurrent: () => list.push('whole'),
                  onEnd: () => list.push('end'),
                  onError: refused => list.push('error ' + refused.status),
                })
              }
            }""";

    /** Opens a page of the hub's at {@code origin}, and in it the client. */
    static HubPage open(Page page, String origin, Map<String, ?> options) {
        page.navigate(origin + "/problems/malformed");
        return connect(page, "/client/hark.js", "/", options);
    }

    /** Loads the client into whatever page is there. */
    static HubPage connect(Page page, String module, String hub, Map<String, ?> options) {
        page.evaluate(CONNECT, List.of(module, hub, options));
        return new HubPage(page);
    }

    void listen(String name, String filter) {
        listen(name, filter, Map.of());
    }

    void listen(String name, String filter, Map<String, ?> options) {
        page.evaluate("([name, filter, options]) => listen(name, filter, options)", List.of(name, filter, options));
    }

    void stop(String name) {
        page.evaluate("name => stops[name]()", name);
    }

    List<?> told(String name) {
        return (List<?>) page.evaluate("name => told[name]", name);
    }

    void awaitTold(String name, Object... all) {
        awaitTold(name, told -> told.size() >= all.length);
        assertThat(told(name)).as(name).isEqualTo(List.of(all));
    }

    void awaitTold(String name, Predicate<List<?>> expected) {
        // Playwright's objects belong to this thread.
        await("told " + name).pollInSameThread().atMost(Wire.PATIENCE).until(() -> told(name), expected);
    }

    void awaitState(String state) {
        await("state " + state).pollInSameThread().atMost(Wire.PATIENCE)
                .until(() -> page.evaluate("window.hub.status.state"), state::equals);
    }

    /** Waits for what a route of the page sees. Playwright calls it while its own thread waits in it. */
    void awaitSeen(BooleanSupplier condition) {
        page.waitForCondition(condition, new Page.WaitForConditionOptions().setTimeout((double) Wire.PATIENCE.toMillis()));
    }

    /** Whether one of the states so far was {@code test}, an expression of {@code status}. */
    boolean wasTold(String test) {
        return (boolean) page.evaluate("states.some(status => " + test + ")");
    }

    void awaitStatus(String test) {
        await(test).pollInSameThread().atMost(Wire.PATIENCE).until(() -> wasTold(test));
    }

    /** {@code frozen}, as the browser does to save power, or {@code active}. */
    void turn(String state) {
        var next = new JsonObject();
        next.addProperty("state", state);
        page.context().newCDPSession(page).send("Page.setWebLifecycleState", next);
    }

    /** As if the page were in front, or behind another. */
    void show(boolean visible) {
        page.evaluate("hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
                + " document.dispatchEvent(new Event('visibilitychange')); }", !visible);
    }

    int asked() {
        return (int) page.evaluate("asked");
    }
}
