package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.RequestOptions;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.hark.app.Ports;
import dev.hark.app.demo.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/protected-notifications.md}, command by command, with a hub, its backend, and a browser for each of Alice and Bob. */
@Timeout(300)
class ProtectedNotificationsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path CHAPTER = ROOT.resolve("docs").resolve("protected-notifications.md");
    private static final Path FILES = ROOT.resolve("docs").resolve("protected-notifications");
    private static final String HARK = "../../app/bin/hark";

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
    private static final Pattern BREAK = Pattern.compile("↵\\n +");
    private static final Pattern ID = Pattern.compile("(id: |\"position\":\")\\w{8}-\\d+");
    private static final Pattern INSTANCE = Pattern.compile("refusal:\\w+");
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");

    private static final String BACKEND = "node backend.mjs\n";
    private static final String SHORT_TOKENS = "TOKEN_SECONDS=5";
    private static final String REVOKE = "/api/revocations";

    /** Of one command, and of what a page makes of it; hub and browser share the machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final double PATIENCE_MILLIS = 60_000;
    private static final HasTextOptions TEXT = new HasTextOptions().setTimeout(PATIENCE_MILLIS);
    private static final ContainsTextOptions PART = new ContainsTextOptions().setTimeout(PATIENCE_MILLIS);

    @TempDir
    private Path folder;

    private final int hub = Ports.free();
    private final int admin = Ports.free();
    private final int backend = Ports.free();
    private final Map<String, String> addresses =
            Map.of("127.0.0.1:8080", "127.0.0.1:" + hub, "127.0.0.1:9090", "127.0.0.1:" + admin, "127.0.0.1:8000", "127.0.0.1:" + backend);
    private final Map<String, String> environment = Map.of(
            "HARK_BUILD", "never", "HARK_JAVA_OPTS", "-Xmx256m -XX:TieredStopAtLevel=1",
            "HARK_SERVER_PORT", "" + hub, "HARK_ADMIN_PORT", "" + admin, "HARK_DRAIN_WINDOW", "PT0.1S",
            "HARK_CORS_ORIGINS_0", "http://127.0.0.1:" + backend,
            "PORT", "" + backend, "HUB", "http://127.0.0.1:" + hub);

    /** By what they are. */
    private final Map<String, Service> services = new HashMap<>();

    private final List<String> complaints = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();

    /** A command that goes on. */
    private record Service(String command, Process process, Path out) {
        void awaitSaid(String text) {
            await(command).atMost(PATIENCE).until(() -> Files.readString(out).contains(text) || !process.isAlive());
            assertThat(out).content().contains(text);
        }

        void end() throws InterruptedException {
            List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
            all.forEach(ProcessHandle::destroy);
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(command).isTrue();
            await(command).atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    /** Whoever is logged in, in a browser that shares nothing with others. */
    private record Person(String name, BrowserContext context, Page page, AtomicInteger tickets) {
        Locator heard() {
            return page.locator("#feed li:not(.note) span");
        }

        Locator note() {
            return page.locator("#feed li.note i");
        }

        /** Through the backend, as the page does. */
        void send(String to, String text) {
            assertThat(context.request().post("/notify", RequestOptions.create().setData(Map.of("to", to, "text", text))).status())
                    .isEqualTo(200);
        }
    }

    @BeforeEach
    void makeCopy() throws IOException {
        try (Stream<Path> files = Files.walk(FILES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = copy().resolve(FILES.relativize(file));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Service service : services.values()) {
            service.end();
        }
    }

    @Tag("long")
    @Test
    void everybodyHearsTheirOwnAlone() throws Exception {
        Clients.requireOnPath("node", "curl", "bash", "base64", "sed", "head");
        try (Chromium chromium = Chromium.start()) {
            String said = "";
            int compared = 0;
            Person alice = person(chromium, "Alice");
            Person bob = person(chromium, "Bob");
            var blocks = BLOCK.matcher(Files.readString(CHAPTER));
            while (blocks.find()) {
                String text = blocks.group(2);
                if (!blocks.group(1).equals("sh")) {
                    if (!said.isEmpty()) {
                        assertThat(normal(said)).as("what the page says").isEqualTo(normal(BREAK.matcher(text).replaceAll("")));
                        compared++;
                    }
                    said = "";
                } else if (text.contains("hark serve")) {
                    serve("hub", text, "Ctrl-C");
                } else if (text.equals(BACKEND)) {
                    serve("backend", text, "the page is at ");
                } else if (text.contains(SHORT_TOKENS)) {
                    whatIsForBobReachesBobAlone(alice, bob);
                    goesOnAfterARestartOfTheHub(alice, bob);
                    goesOnWhenNothingIsHeard(alice);
                    serve("backend", text, "the page is at ");
                    goesOnWhenATokenEnds(alice, bob);
                    serve("backend", BACKEND, "the page is at ");
                    logIn(alice, bob);
                    // That the backend was away.
                    complaints.clear();
                } else {
                    said = run(text);
                    if (text.contains(REVOKE)) {
                        isToldThatTheRightIsTakenAway(alice, bob);
                        bob.page().locator("#logout").press("Enter");
                        expect(bob.page().locator("#login")).isVisible();
                    }
                }
            }
            assertThat(compared).isEqualTo(4);
            assertThat(asked).as("what pages ask for").isNotEmpty().noneMatch(url -> url.contains("eyJhbGci") || url.contains("hark_"));
        }
    }

    private void logIn(Person... people) {
        for (Person person : people) {
            person.page().navigate("/");
            person.page().getByText("Log in as " + person.name()).press("Enter");
            isListening(person);
        }
    }

    private static void isListening(Person person) {
        expect(person.page().locator("#state")).hasText("Listening", TEXT);
        expect(person.page().locator("#why")).isHidden();
    }

    private void whatIsForBobReachesBobAlone(Person alice, Person bob) {
        logIn(alice, bob);
        alice.page().selectOption("#to", "bob");
        alice.page().fill("#text", "for Bob");
        alice.page().press("#text", "Enter");
        expect(alice.page().locator("#sent")).hasText("Sent to Bob.", TEXT);
        alice.send("alice", "for Alice");

        expect(bob.heard()).hasText(new String[] {"for Bob"}, TEXT);
        expect(bob.page().locator("#feed b")).hasText("alice");
        expect(alice.heard()).hasText(new String[] {"for Alice"}, TEXT);
        assertThat(alice.page().evaluate("document.cookie")).as("what a script sees of the session").isEqualTo("");
        assertThat(alice.context().cookies()).singleElement().satisfies(cookie -> {
            assertThat(cookie.httpOnly).isTrue();
            assertThat(cookie.sameSite).isEqualTo(SameSiteAttribute.STRICT);
        });
        assertThat(alice.context().request().get("/").headers().get("content-security-policy"))
                .contains("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'").doesNotContain("unsafe");
        assertThat(alice.page().evaluate("document.documentElement.scrollWidth <= innerWidth")).as("fits a phone").isEqualTo(true);
        assertThat(complaints).isEmpty();

        alice.page().locator("#try").click();
        expect(alice.page().locator("#tried")).hasText("403: this credential does not let subscribe to 'users/bob/**'", TEXT);
        assertThat(alice.page().evaluate("""
                async hub => {
                  const { ticket } = await (await fetch('/ticket', { method: 'POST' })).json();
                  const ask = async who =>
                    (await fetch(`${hub}/topics/users/${who}/**?ticket=${ticket}`, { headers: { Accept: 'application/json' } })).status;
                  return [await ask('alice'), await ask('alice')];
                }""", "http://127.0.0.1:" + hub)).as("a ticket, twice").isEqualTo(List.of(200, 401));
        assertThat(complaints).as("what was refused on purpose").hasSize(2)
                .satisfiesExactly(each -> assertThat(each).contains("403"), each -> assertThat(each).contains("401"));
        complaints.clear();
    }

    private void goesOnAfterARestartOfTheHub(Person alice, Person bob) throws Exception {
        Service before = Objects.requireNonNull(services.remove("hub"));
        before.end();
        expect(bob.page().locator("#why")).containsText("Cut off: the hub is away. Trying again in", PART);
        serve("hub", before.command(), "Ctrl-C");
        bob.send("bob", "after the restart");

        expect(bob.heard()).hasText(new String[] {"for Bob", "after the restart"}, TEXT);
        expect(bob.note()).hasText(new String[] {"Cut off: the hub is being restarted; back again."});
        isListening(bob);
        isListening(alice);
        assertThat(complaints).as("that the hub was away").isNotEmpty().allMatch(each -> each.contains("502"));
        complaints.clear();
    }

    private void goesOnWhenNothingIsHeard(Person alice) {
        alice.page().clock().fastForward(41_000);
        expect(alice.note()).hasText(new String[] {"Cut off: nothing was heard for a while; back again."}, TEXT);
        isListening(alice);
        assertThat(complaints).isEmpty();
    }

    private void goesOnWhenATokenEnds(Person alice, Person bob) {
        logIn(alice, bob);
        var sent = new ArrayList<>(List.of("for Bob", "after the restart"));
        int before = bob.tickets().get();
        for (int n = 1; n <= 150 && bob.tickets().get() < before + 3; n++) {
            sent.add("number " + n);
            alice.send("bob", sent.getLast());
            bob.page().waitForTimeout(150);
        }
        assertThat(bob.tickets().get()).as("tickets").isGreaterThanOrEqualTo(before + 3);
        sent.add("the last");
        alice.send("bob", sent.getLast());

        expect(bob.heard()).hasText(sent.toArray(String[]::new), TEXT);
        expect(bob.note().first()).hasText("Cut off: the token has run out; back again.");
        expect(alice.heard()).hasText(new String[] {"for Alice"});
        assertThat(complaints).isEmpty();
    }

    private void isToldThatTheRightIsTakenAway(Person alice, Person bob) {
        expect(bob.page().locator("#why")).hasText("You are let in no more, and this page has stopped asking.", TEXT);
        expect(bob.page().locator("#state")).hasText("Cut off");
        expect(bob.note().last()).hasText("Cut off: your access was withdrawn.");
        assertThat(complaints).as("the answer to its last question").hasSize(1).allMatch(each -> each.contains("403"));

        int tickets = bob.tickets().get();
        int heard = bob.heard().count();
        bob.page().clock().fastForward(600_000);
        bob.send("bob", "too late");
        bob.send("alice", "still here");
        expect(alice.heard().last()).hasText("still here", TEXT);
        assertThat(bob.tickets().get()).as("Bob's page asks no more").isEqualTo(tickets);
        expect(bob.heard()).hasCount(heard);
        isListening(alice);
    }

    private static LocatorAssertions expect(Locator shown) {
        return PlaywrightAssertions.assertThat(shown);
    }

    private Person person(Chromium chromium, String name) {
        BrowserContext context = chromium.browser().newContext(new Browser.NewContextOptions()
                .setBaseURL("http://127.0.0.1:" + backend).setViewportSize(380, 800));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.clock().install();
        Page page = context.newPage();
        var tickets = new AtomicInteger();
        page.onRequest(request -> {
            asked.add(request.url());
            if (request.url().endsWith("/ticket")) {
                tickets.incrementAndGet();
            }
        });
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
        return new Person(name, context, page, tickets);
    }

    /** Starts what goes on, in the place of what {@code name} was so far. */
    private void serve(String name, String command, String said) throws IOException, InterruptedException {
        Service before = services.remove(name);
        if (before != null) {
            before.end();
        }
        Path out = folder.resolve(name);
        var service = new Service(command, start(command, out), out);
        services.put(name, service);
        service.awaitSaid(said);
    }

    private String run(String commands) throws IOException, InterruptedException {
        Path out = folder.resolve("said");
        Process process = start(commands, out);
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(commands).isTrue();
        } finally {
            process.destroyForcibly();
        }
        // A refusal has no line end, and here none is to be seen.
        String said = Files.readString(out);
        return said.isEmpty() || said.endsWith("\n") ? said : said + "\n";
    }

    private Process start(String commands, Path out) throws IOException {
        String here = commands.replace(HARK, ROOT.resolve("app").resolve("bin").resolve("hark").toString());
        for (Map.Entry<String, String> address : addresses.entrySet()) {
            here = here.replace(address.getKey(), address.getValue());
        }
        var builder = new ProcessBuilder("bash", "-c", here).directory(copy().toFile())
                .redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Path copy() {
        return folder.resolve("docs").resolve("protected-notifications");
    }

    /** Without what is another one each time. */
    private static String normal(String said) {
        String ids = ID.matcher(said).replaceAll("$1ID");
        return TIME.matcher(INSTANCE.matcher(ids).replaceAll("")).replaceAll("");
    }
}
