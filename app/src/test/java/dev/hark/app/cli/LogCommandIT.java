package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.PackagedJar;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** {@code hark log} as processes of their own, beside a hub that runs and after one that ended. */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "it looks at logs, whoever wrote them")
class LogCommandIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENS = Pattern.compile("listens on (http://\\S+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private @Nullable Process hub;
    private int runs;

    private record Ended(int code, String out, String err) {}

    @AfterEach
    void endTheHub() throws InterruptedException {
        if (hub != null) {
            hub.destroyForcibly().waitFor();
        }
    }

    @Test
    void looksAtTheLogOfARunningHub() throws Exception {
        URI uri = serve("a.db");
        publish(uri, 0, 2_500);

        Ended info = hark("a.db", "info", "--json");
        assertThat(info.err()).isEmpty();
        assertThat(info.code()).isZero();
        JsonNode found = JSON.readTree(info.out());
        assertThat(found.path("events").asLong()).isEqualTo(2_500);
        assertThat(found.path("state").asText()).isEqualTo("not-closed");
        assertThat(found.path("walBytes").asLong()).isPositive();
        Ended verify = hark("a.db", "verify");
        assertThat(verify.code()).as(verify.toString()).isZero();
        assertThat(verify.out()).contains("is intact: 2,500 events");
        Ended export = hark("a.db", "export");
        assertThat(export.code()).isZero();
        assertThat(export.out().lines()).hasSize(2_500);

        Files.writeString(folder.resolve("one.ndjson"), "{\"topic\":\"t\",\"data\":\"x\"}\n");
        Ended refused = hark("a.db", "import", "one.ndjson");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("is in use by another process").hasLineCount(1);
        publish(uri, 2_500, 1);
        assertThat(JSON.readTree(hark("a.db", "info", "--json").out()).path("events").asLong()).as("the hub goes on").isEqualTo(2_501);
    }

    /** Publishes all the while, until it is closed. */
    private static final class Publisher implements AutoCloseable {
        private static final int BATCH = 100;
        private static final int MOST = 1_000_000;

        private final AtomicBoolean over = new AtomicBoolean();
        private final CompletableFuture<Void> all;

        Publisher(URI uri, int from) {
            all = CompletableFuture.runAsync(() -> {
                for (int i = from; !over.get() && i < MOST; i += BATCH) {
                    publish(uri, i, BATCH);
                }
            }, task -> Thread.ofPlatform().name("publisher").start(task));
        }

        boolean isFailed() {
            return all.isCompletedExceptionally();
        }

        @Override
        public void close() {
            over.set(true);
        }

        /** Waits for its end, and fails where it did. */
        void requireWell() throws Exception {
            close();
            all.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private long oldest() throws Exception {
        String id = JSON.readTree(hark("a.db", "info", "--json").out()).path("oldest").asText();
        return EventId.parse(id).orElseThrow().sequence();
    }

    @Test
    void readsWhileTheHubStoresAndRetentionRemoves() throws Exception {
        URI uri = serve("a.db", "--set", "log.retention.events=300");
        try (var publisher = new Publisher(uri, 0)) {
            for (int i = 0; i < 3; i++) {
                Ended verify = hark("a.db", "verify");
                assertThat(verify.code()).as(verify.toString()).isZero();
            }
            await("retention is at work").atMost(PATIENCE).until(() -> publisher.isFailed() || oldest() > 1);
            publisher.requireWell();
        }
    }

    @Test
    @Tag("long")
    void copiesALogThatIsWrittenMeanwhile() throws Exception {
        URI uri = serve("a.db");
        publish(uri, 0, 2_500);
        try (var publisher = new Publisher(uri, 2_500)) {
            for (int i = 0; i < 3; i++) {
                String copy = "copy-" + i + ".db";
                Ended backup = hark("a.db", "backup", copy);
                assertThat(backup.code()).as(backup.toString()).isZero();
                Ended verify = hark(copy, "verify");
                assertThat(verify.code()).as(verify.toString()).isZero();
                long events = JSON.readTree(hark(copy, "info", "--json").out()).path("events").asLong();
                assertThat(events).isGreaterThanOrEqualTo(2_500);
                assertThat(backup.out()).contains(String.format(Locale.ROOT, "copied %,d events", events));
            }
            publisher.requireWell();
        }
    }

    @Test
    void whatIsExportedAndImportedIsTheSame() throws Exception {
        URI uri = serve("a.db");
        publish(uri, 0, 2_500);
        post(uri, "/topics/caf%C3%A9?type=t%C3%A4&key=k", "l1\r\nl2 \uD83D\uDE00\u0001");
        stop();
        assertThat(hark("a.db", "export", "events.ndjson").code()).isZero();

        Ended imported = hark("b.db", "import", "events.ndjson");
        assertThat(imported.code()).as(imported.toString()).isZero();
        assertThat(imported.out()).startsWith("stored 2,501 events");
        Ended there = hark("b.db", "export");
        List<String> before = withoutIds(Files.readAllLines(folder.resolve("events.ndjson")));
        assertThat(withoutIds(there.out().lines().toList())).hasSize(2_501).isEqualTo(before);
        assertThat(before.getLast())
                .isEqualTo("{\"topic\":\"caf\u00E9\",\"type\":\"t\u00E4\",\"key\":\"k\",\"data\":\"l1\\r\\nl2 \uD83D\uDE00\\u0001\"}");
        assertThat(hark("b.db", "verify").code()).isZero();

        URI other = serve("b.db");
        assertThat(post(other, "/topics/t", "x")).as("a hub goes on with it").contains("-2502\"");
    }

    @Test
    void findsAByteThatChangedAndChecksACopy() throws Exception {
        URI uri = serve("a.db");
        publish(uri, 0, 100);
        stop();
        Path copy = Files.copy(folder.resolve("a.db"), folder.resolve("copy.db"), StandardCopyOption.COPY_ATTRIBUTES);
        byte[] bytes = Files.readAllBytes(copy);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int found = 0;
        // Each one: a page that was split keeps what moved away in its unused part, where a change is no damage.
        for (int at = text.indexOf("number 41 "); at >= 0; at = text.indexOf("number 41 ", at + 1)) {
            bytes[at + 7] ^= 1;
            found++;
        }
        assertThat(found).isPositive();
        Files.write(copy, bytes);

        Ended damaged = hark("copy.db", "verify");
        assertThat(damaged.code()).isEqualTo(3);
        assertThat(damaged.out()).startsWith("event 42 is damaged").contains("is DAMAGED, in 1 place");
        Ended intact = hark("a.db", "verify");
        assertThat(intact.code()).as(intact.toString()).isZero();
        assertThat(intact.err()).isEmpty();
    }

    @Test
    void tellsWhoResumesAfterARestoreThatTheHistoryIsAnother() throws Exception {
        URI uri = serve("a.db");
        publish(uri, 0, 10);
        try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("a.db"));
                Statement statement = reader.createStatement()) {
            statement.execute("VACUUM INTO '" + folder.resolve("backup.db") + "'");
        }
        publish(uri, 10, 5);
        String last = id(post(uri, "/topics/t", "x"));
        assertThat(last).endsWith("-16");
        Ended refused = hark("a.db", "restore", "--replace", "backup.db");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("is in use by another process").hasLineCount(1);
        stop();

        assertThat(hark("a.db", "restore", "backup.db").err()).contains("there is a log at", "--replace");
        Ended restored = hark("a.db", "restore", "--replace", "backup.db");
        assertThat(restored.code()).as(restored.toString()).isZero();
        assertThat(restored.out()).startsWith("restored 10 events up to ");
        assertThat(restored.err()).contains("is kept as ");

        URI again = serve("a.db");
        String fresh = id(post(again, "/topics/t/0", "after"));
        assertThat(EventId.parse(fresh).orElseThrow().sequence()).as("above all that was used").isGreaterThan(16);
        List<String> lines = follow(again, "/topics/t/*", last, line -> line.startsWith("data: after"));
        assertThat(lines).first().isEqualTo("event: hark.gap");
        assertThat(lines).anyMatch(line -> line.startsWith("data: {\"reason\":\"reset\",\"after\":\"" + last + "\""));
        assertThat(lines.stream().filter(line -> line.startsWith("data: number"))).as("all that is retained").hasSize(10);
        assertThat(hark("a.db", "verify").code()).isZero();
    }

    private static String id(String answer) throws IOException {
        return JSON.readTree(answer).findPath("id").asText();
    }

    /** What somebody is sent who resumes after {@code id}, up to the line that is {@code last}; comments and empty lines left out. */
    private static List<String> follow(URI hub, String path, String id, Predicate<String> last) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(hub + path)).header("Last-Event-ID", id).build();
        var lines = new ArrayList<String>();
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            try (Stream<String> stream = client.send(request, BodyHandlers.ofLines()).body()) {
                var each = stream.iterator();
                while (lines.isEmpty() || !last.test(lines.getLast())) {
                    String line = each.next();
                    if (!line.isEmpty() && !line.startsWith(":") && !line.startsWith("retry:")) {
                        lines.add(line);
                    }
                }
            }
            client.shutdownNow();
        }
        return lines;
    }

    private URI serve(String log, String... more) throws IOException {
        Path out = folder.resolve("serve.out");
        List<String> command = new ArrayList<>(java());
        command.addAll(List.of(
                "serve", "--set", "server.port=0", "--set", "admin.port=0", "--set", "log.kind=sqlite", "--set", "log.path=" + log));
        command.addAll(List.of(more));
        Process started = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("serve.err").toFile())
                .start();
        hub = started;
        await("listening").atMost(PATIENCE).until(() -> !started.isAlive() || LISTENS.matcher(Files.readString(out)).find());
        Matcher listens = LISTENS.matcher(Files.readString(out));
        assertThat(listens.find()).as(Files.readString(folder.resolve("serve.err"))).isTrue();
        return URI.create(listens.group(1));
    }

    private void stop() throws InterruptedException {
        Process running = Objects.requireNonNull(hub);
        running.destroy();
        assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(running.exitValue()).isZero();
    }

    private static void publish(URI hub, int from, int count) {
        for (int start = from; start < from + count; start += 1_000) {
            var batch = new StringBuilder();
            IntStream.range(start, Math.min(from + count, start + 1_000))
                    .forEach(i -> batch.append("{\"topic\":\"t/").append(i % 7)
                            .append("\",\"data\":\"number ").append(i).append(" \\u00e4\"}\n"));
            post(hub, "/events", batch.toString());
        }
    }

    private static String post(URI hub, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(hub + path))
                .header("Content-Type", "application/x-ndjson")
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(body))
                .build();
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var answer = client.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            return answer.body();
        } catch (IOException e) {
            throw new AssertionError(path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(path, e);
        }
    }

    private static List<String> java() {
        return PackagedJar.command(List.of("-Dstdout.encoding=UTF-8"));
    }

    private Ended hark(String log, String... args) throws Exception {
        Path out = folder.resolve("out-" + runs);
        Path err = folder.resolve("err-" + runs++);
        List<String> command = Stream.of(
                java(), List.of("log"), Arrays.asList(args), List.of("--set", "log.kind=sqlite", "--set", "log.path=" + log))
                .flatMap(List::stream)
                .toList();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end");
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static List<String> withoutIds(List<String> lines) throws IOException {
        var stripped = new ArrayList<String>();
        for (String line : lines) {
            ObjectNode event = (ObjectNode) JSON.readTree(line);
            event.remove(List.of("id", "time"));
            stripped.add(event.toString());
        }
        return stripped;
    }
}
