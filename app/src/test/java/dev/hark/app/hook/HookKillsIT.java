package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Program;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.crash.DurableServer;
import dev.hark.app.hook.Receiver.Received;
import dev.hark.app.hook.Receiver.Reply;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * A hub that is killed again and again while streams come and go, and whose calls now and then fail: all that it has noted is told, in its
 * order, and what is told twice comes twice because of a kill. {@code -Dhark.seed=…} repeats a seed's choices.
 */
@Timeout(300)
@ResourceLock(SilentLog.LOG)
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its hubs have a configuration of their own")
class HookKillsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LAST = "orders/last";
    private static final int TOPICS = 4;
    private static final int MIN_LIFE_MILLIS = 100;
    private static final int MAX_LIFE_MILLIS = 1_200;
    private static final int MAX_STEP_MILLIS = 60;
    private static final int MAX_ANSWER_MILLIS = 80;
    private static final int FAILED_PERCENT = 10;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Random ofReceiver = new Random(seed + 1);

    /** What is told. */
    private record Told(EventId id, String type, String topic) {}

    @Test
    void fourKillsLoseNothing() throws Exception {
        run(4);
    }

    @Tag("long")
    @Test
    void thirtyKillsLoseNothing() throws Exception {
        run(30);
    }

    private void run(int kills) throws Exception {
        try (var receiver = new Receiver(); var server = new DurableServer(folder)) {
            receiver.answer(this::answer);
            String[] settings = {"hooks.0.name=presence", "hooks.0.url=" + receiver.url(), "hooks.0.secret=" + Receiver.SECRET,
                "hooks.0.topics=orders/*", "hooks.0.settle=PT0.2S", "hooks.0.batch=3"};
            for (int i = 0; i < kills; i++) {
                Program hub = server.start(settings);
                URI uri = hub.awaitUri();
                if (i == 0) {
                    // It tells who is there already, of which there is no note of its own.
                    receiver.awaitTold("hook.reset new");
                }
                comeAndGo(uri, hub);
                DurableServer.kill(hub);
            }
            Program hub = server.start(settings);
            try (Wire last = Wire.open(hub.awaitUri(), "/topics/" + LAST)) {
                receiver.awaitTold("topic.listened " + LAST);
                assertThat(last.isFinished()).isFalse();
            }
            hub.terminate();
            assertThat(hub.awaitExit()).isZero();
            judge(told(receiver), notedIn(settings), kills);
            assertThat(receiver.calls()).as("signed (seed %d)", seed).allSatisfy(call -> assertThat(call.genuine()).isTrue());
        }
    }

    /** Slowly, so that kills hit calls as well. */
    private Reply answer(Received call) {
        boolean fails;
        int millis;
        synchronized (ofReceiver) {
            fails = ofReceiver.nextInt(100) < FAILED_PERCENT;
            millis = ofReceiver.nextInt(MAX_ANSWER_MILLIS);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        return new Reply(fails ? 500 : 204);
    }

    /** For some time, at the end of which streams are open. */
    private void comeAndGo(URI uri, Program hub) throws InterruptedException {
        Map<Integer, Wire> open = new HashMap<>();
        try {
            long lifeNanos = TimeUnit.MILLISECONDS.toNanos(random.nextInt(MIN_LIFE_MILLIS, MAX_LIFE_MILLIS));
            long beginNanos = System.nanoTime();
            while (System.nanoTime() - beginNanos < lifeNanos) {
                int topic = random.nextInt(TOPICS);
                Wire before = open.remove(topic);
                if (before == null) {
                    open.put(topic, Wire.open(uri, "/topics/orders/" + topic));
                } else {
                    before.close();
                }
                assertThat(hub.process().waitFor(random.nextInt(MAX_STEP_MILLIS), TimeUnit.MILLISECONDS)).as(hub.err()).isFalse();
            }
        } finally {
            open.values().forEach(Wire::close);
        }
    }

    /** But for the first reset of all, which has no number of its own. */
    private static List<Told> told(Receiver receiver) {
        return receiver.calls().stream().filter(call -> call.taken() && !call.isReset()).flatMap(call -> call.events().stream())
                .map(event -> new Told(id(event), event.path("type").asText(), event.path("topic").asText())).toList();
    }

    private static EventId id(JsonNode event) {
        return EventId.parse(event.path("id").asText()).orElseThrow();
    }

    /** What has to be told, up to the last: by all that nodes have noted, in the order of the log. */
    private List<Told> notedIn(String[] hook) throws InterruptedException {
        List<Told> all = new ArrayList<>();
        Map<String, Set<String>> runs = new HashMap<>();
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("log").resolve("hark.db")};
        try (RunningHub hub = RunningHub.start(Stream.concat(Stream.of(log), Stream.of(hook)).toArray(String[]::new))) {
            var filters = Filters.of(List.of(TopicFilter.stored("$hark/hooks/presence/notes")));
            Start from = new Start.Earliest();
            while (all.isEmpty() || !all.getLast().topic().equals(LAST)) {
                var request = new PageRequest(new Subscription(filters, from, Format.ENVELOPE), PageRequest.MAX_LIMIT, Duration.ZERO);
                try (var page = ((PageAnswer.Given) hub.hub().look(request)).page()) {
                    assertThat(page.events()).as("the last one is there (seed %d)", seed).isNotEmpty();
                    for (JsonNode event : JSON.readTree(page.json(Format.ENVELOPE)).path("events")) {
                        take(event, runs, all);
                    }
                    from = new Start.After(page.next().toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** A topic is listened to from the first of its runs on, and left with the last of them. */
    private static void take(JsonNode note, Map<String, Set<String>> runs, List<Told> all) {
        if (!all.isEmpty() && all.getLast().topic().equals(LAST)) {
            return;
        }
        JsonNode data = note.path("data");
        String topic = data.path("topic").asText();
        Set<String> at = runs.computeIfAbsent(topic, each -> new HashSet<>());
        switch (data.path("is").asText()) {
            case "here" -> {
                if (at.isEmpty()) {
                    all.add(new Told(id(note), "topic.listened", topic));
                }
                at.add(data.path("run").asText());
            }
            case "gone" -> {
                if (at.remove(data.path("run").asText()) && at.isEmpty()) {
                    all.add(new Told(id(note), "topic.left", topic));
                }
            }
            default -> {
                // That a node lives.
            }
        }
    }

    private void judge(List<Told> told, List<Told> noted, int kills) {
        assertThat(noted).as("something happened (seed %d)", seed).hasSizeGreaterThan(kills);
        List<Told> once = List.copyOf(new LinkedHashSet<>(told));
        int end = once.indexOf(noted.getLast());
        assertThat(once.subList(0, end + 1)).as("all is told, in its order (seed %d)", seed).isEqualTo(noted);
        int back = 0;
        for (int i = 1; i < told.size(); i++) {
            if (told.get(i).id().sequence() <= told.get(i - 1).id().sequence()) {
                back++;
            }
        }
        assertThat(back).as("what is told again is told because of a kill (seed %d)", seed).isLessThanOrEqualTo(kills);
    }
}
