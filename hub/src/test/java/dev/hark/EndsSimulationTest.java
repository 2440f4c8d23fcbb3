package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.log.sqlite.FastFolder;
import dev.hark.log.sqlite.Logs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that come back after every end of a stream but "there is nothing more", while topics end, are opened anew, and the hub is
 * restarted or crashes. A list of all events says what each stream has to be given, where it ends and who is turned back. What the test
 * decides is seeded, and the seed is in every failure; threads are real.
 */
@Timeout(120)
class EndsSimulationTest {
    private static final long SEED = Long.getLong("hark.seed", 20261129L);
    private static final int STEPS = 400;
    private static final List<String> TOPICS = List.of("t/0", "t/1", "t/2", "u");
    private static final List<List<String>> FILTERS =
            List.of(List.of("t/0"), List.of("t/1"), List.of("t/2"), List.of("u"), List.of("t/0", "u"), List.of("t/*"), List.of("**"));

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<Stored> events = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    private Path folder = newFolder();
    private int turnedBack;
    private int ended;

    private record Stored(long sequence, Topic topic, EventKind kind) {}

    /** What a stream that resumes has to come to. */
    private enum Outcome {
        TURNED_BACK,
        ENDED,
        OPEN
    }

    private record Expected(List<Long> sequences, Outcome outcome) {}

    /** Someone who reads some topics from a position on. */
    private final class Client {
        private final List<String> names;
        private final Filters filters;
        private final long begun;
        private final List<Long> received = new ArrayList<>();
        private long position;
        private @Nullable TestStream stream;
        private boolean over;

        Client(List<String> names, long begun) {
            this.names = names;
            this.filters = Filters.of(names.toArray(String[]::new));
            this.begun = begun;
            this.position = begun;
        }

        /** Reads all there is, and comes back for as long as it is told to. */
        void follow(TestHub test) {
            while (!over) {
                TestStream open = stream;
                if (open == null) {
                    open = TestStream.open(test.hub, new Start.After(TestHub.EPOCH + '-' + position), names.toArray(String[]::new));
                    stream = open;
                }
                Expected expected = expected(filters, position);
                switch (expected.outcome()) {
                    case TURNED_BACK -> {
                        open.awaitAtEnd();
                        turnedBack++;
                        over = true;
                        stream = null;
                    }
                    case ENDED -> {
                        assertThat(open.awaitEnd()).as(this::where).isEqualTo(StreamEnd.CLOSED);
                        assertThat(open.messages().getLast().data()).as(this::where).isEqualTo("{\"reason\":\"ended\"}");
                        assertThat(open.sequences()).as(this::where).isEqualTo(expected.sequences());
                        received.addAll(expected.sequences());
                        position = TestStream.sequence(open.lastEventId());
                        assertThat(position).as(this::where).isEqualTo(expected.sequences().getLast());
                        ended++;
                        stream = null;
                    }
                    case OPEN -> {
                        open.awaitOpen();
                        open.await("has what there is for it: " + where(), each -> each.sequences().size() >= expected.sequences().size());
                        assertThat(open.sequences()).as(this::where).isEqualTo(expected.sequences());
                        assertThat(open.hasEnded()).as(this::where).isFalse();
                        return;
                    }
                }
            }
        }

        /** Its stream breaks off, and it comes back with the id that it was given last. */
        void leave() {
            TestStream open = stream;
            if (open != null) {
                open.clientGone();
                open.awaitEnd();
                received.addAll(open.sequences());
                position = TestStream.sequence(open.lastEventId());
                stream = null;
            }
        }

        String where() {
            return "seed " + SEED + ", " + names + " after " + position;
        }
    }

    /** What the stream of a client is given that has all up to {@code position}. */
    private Expected expected(Filters filters, long position) {
        boolean oneTopic = filters.areOneTopic();
        Stored newest = null;
        var sequences = new ArrayList<Long>();
        for (Stored event : events) {
            if (!filters.matches(event.topic())) {
                continue;
            }
            newest = event;
            if (event.sequence() > position) {
                sequences.add(event.sequence());
                if (oneTopic && event.kind() == EventKind.END) {
                    return new Expected(sequences, Outcome.ENDED);
                }
            }
        }
        boolean over = oneTopic && newest != null && newest.kind() == EventKind.END;
        return new Expected(sequences, over ? Outcome.TURNED_BACK : Outcome.OPEN);
    }

    @ParameterizedTest
    @EnumSource
    void everyStreamIsGivenWhatItIsToBeGiven(Engine engine) throws IOException {
        TestHub test = start(engine);
        try {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(20)) {
                    case 0, 1, 2 -> clients.add(new Client(FILTERS.get(random.nextInt(FILTERS.size())), somePosition()));
                    case 3 -> {
                        if (!clients.isEmpty()) {
                            clients.get(random.nextInt(clients.size())).leave();
                        }
                    }
                    case 4 -> test.pass(TestHub.HEARTBEAT.multipliedBy(2));
                    case 5 -> {
                        if (engine == Engine.SQLITE && random.nextInt(4) == 0) {
                            test = restart(test, engine);
                        }
                    }
                    default -> publish(test);
                }
                for (Client client : clients) {
                    client.follow(test);
                }
                clients.stream().filter(client -> client.over).forEach(this::requireWhole);
                clients.removeIf(client -> client.over);
            }
            clients.forEach(Client::leave);
            clients.forEach(this::requireWhole);
            assertThat(turnedBack).as("seed " + SEED).isPositive();
            assertThat(ended).as("seed " + SEED).isGreaterThan(turnedBack / 2);
        } finally {
            test.close();
        }
    }

    /** Over all its streams a client was given each event of its topics once, in order. */
    private void requireWhole(Client client) {
        assertThat(client.received).as(client::where).isEqualTo(events.stream()
                .filter(event -> event.sequence() > client.begun && client.filters.matches(event.topic())).map(Stored::sequence).toList());
    }

    private void publish(TestHub test) {
        var batch = new ArrayList<Draft>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            var topic = new Topic(TOPICS.get(random.nextInt(TOPICS.size())));
            EventKind kind = random.nextInt(3) == 0 ? EventKind.END : EventKind.PLAIN;
            batch.add(new Draft(topic, Draft.DEFAULT_TYPE, null, "x".getBytes(UTF_8), null, kind));
        }
        List<Long> sequences = test.publish(batch.toArray(Draft[]::new));
        for (int i = 0; i < batch.size(); i++) {
            events.add(new Stored(sequences.get(i), batch.get(i).topic(), batch.get(i).kind()));
        }
    }

    /** Where somebody may stand who was here before. */
    private long somePosition() {
        return events.isEmpty() ? 0 : events.get(Math.max(0, events.size() - 1 - random.nextInt(30))).sequence();
    }

    private TestHub restart(TestHub test, Engine engine) throws IOException {
        clients.forEach(Client::leave);
        if (random.nextBoolean()) {
            Path after = newFolder();
            Logs.crash(folder.resolve("hark.db"), after);
            folder = after;
        }
        test.close();
        return start(engine);
    }

    private TestHub start(Engine engine) {
        Path own = folder;
        Setup setup = Setup.USUAL.policy(OverflowPolicy.REPLAY, 2, 1 << 20).hot(20);
        return TestHub.start((_, config, clock, vital) -> engine.open(own, config, clock, vital), setup);
    }

    private Path newFolder() {
        Path made = FastFolder.create();
        folders.add(made);
        return made;
    }

    @AfterEach
    void deleteFolders() {
        folders.forEach(FastFolder::delete);
    }
}
