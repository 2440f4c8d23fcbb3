package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Subscribing over HTTP, byte by byte: the head, the first block, where a stream starts, what it matches and
 * what it says when it has nothing.
 */
class SubscribeIT {
    private static final String[] HEAD = {
        "HTTP/1.1 200 OK", "Content-Type: text/event-stream;charset=utf-8", "Cache-Control: no-cache, no-transform",
        "X-Accel-Buffering: no", "X-Content-Type-Options: nosniff", "Transfer-Encoding: chunked", "Connection: close"
    };

    private static RunningHub hub;

    @BeforeAll
    static void startHub() {
        hub = RunningHub.start();
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    @Test
    void answersWithItsHeadAndAFirstBlockAtOnce() {
        String newest = hub.publish(newTopic(), "before");
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + newTopic())) {
            assertHead(wire);
            assertThat(wire.block().raw()).isEqualTo(opening(newest));
        }
    }

    /** As documented, and with the time (RFC 9110, section 6.6.1). */
    private static void assertHead(Wire wire) {
        assertThat(wire.head()).startsWith(HEAD[0]).anyMatch(line -> line.startsWith("Date: "));
        assertThat(wire.head()).filteredOn(line -> !line.startsWith("Date: ")).containsExactlyInAnyOrder(HEAD);
    }

    @Test
    void anEmptyLogHasAPositionToo() {
        try (RunningHub fresh = RunningHub.start("delivery.retry=PT0.25S");
                Wire wire = Wire.subscribe(fresh.uri(), "/topics/news")) {
            SseBlock first = wire.block();
            assertThat(first.raw()).matches("retry: 250\nevent: hark.open\nid: ([a-z0-9]{8}-0)\ndata: \\{\"position\":\"\\1\"}\n\n");
            fresh.publish("news", "one");
            try (Wire resumed = fresh.open("/topics/news", "Last-Event-ID: " + first.id())) {
                assertThat(resumed.block().id()).isEqualTo(first.id().replaceFirst("0$", "1"));
            }
        }
    }

    @Test
    void writesTheFieldsInOrder() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            String named = hub.post("/topics/" + topic + "?type=order.created", "first line\nsecond line").json("id");
            String unnamed = hub.publish(topic, " leading space\r\n\rthen\n");

            assertThat(wire.block().raw()).isEqualTo("event: order.created\nid: " + named + "\ndata: first line\ndata: second line\n\n");
            assertThat(wire.block().raw()).isEqualTo("id: " + unnamed + "\ndata:  leading space\ndata: \ndata: then\ndata: \n\n");
        }
    }

    @Test
    void headAnswersTheHeadAlone() {
        for (String target : List.of("/topics/a", "/events?topic=a", "/api/events")) {
            try (Wire wire = Wire.connect(hub.uri())) {
                wire.request("HEAD", target);
                assertHead(wire);
                assertThat(wire.isAtEnd()).as("not even a chunk").isTrue();
            }
        }
        hub.awaitStreams(0);
    }

    @Test
    void headIsRefusedAsGetIs() {
        Answer answer = hub.request("HEAD", "/topics/a//b");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void matchesWholeSegments() {
        String root = newTopic();
        try (Wire exact = hub.open("/topics/" + root + "/a");
                Wire one = hub.open("/topics/" + root + "/*");
                Wire middle = hub.open("/topics/" + root + "/*/c");
                Wire rest = hub.open("/topics/" + root + "/**");
                Wire escaped = hub.open("/topics/" + root + "%2F%2A%2Fc")) {
            for (String topic : List.of("", "/a", "/ab", "/a/c", "/b/c", "/a/b/c")) {
                hub.publish(root + topic, topic);
            }
            hub.publish(root + "/a", "end");
            hub.publish(root + "/x/c", "end");

            assertThat(untilEnd(exact)).containsExactly("/a");
            assertThat(untilEnd(one)).containsExactly("/a", "/ab");
            assertThat(untilEnd(middle)).containsExactly("/a/c", "/b/c");
            assertThat(untilEnd(rest)).containsExactly("/a", "/ab", "/a/c", "/b/c", "/a/b/c");
            assertThat(untilEnd(escaped)).containsExactly("/a/c", "/b/c");
        }
    }

    @Test
    void everythingIsAFilterToo() {
        try (Wire wire = hub.open("/topics/**")) {
            String data = UUID.randomUUID().toString();
            hub.publish(newTopic(), data);
            assertThat(wire.block().data()).isEqualTo(data);
        }
    }

    @Test
    void takesUrlsAsTopics() {
        String topic = "https://example.com/books/" + UUID.randomUUID();
        try (Wire plain = hub.open("/topics/" + topic);
                Wire escaped = hub.open("/topics/" + topic.replace("/", "%2F").replace(":", "%3A"));
                Wire query = hub.open("/events?topic=" + topic);
                Wire wildcard = hub.open("/topics/https://example.com/books/*")) {
            hub.publish(topic, "x");
            for (Wire wire : List.of(plain, escaped, query, wildcard)) {
                assertThat(wire.block().data()).isEqualTo("x");
            }
        }
    }

    @Test
    void givesAnEventOnceHoweverManyFiltersMatch() {
        String root = newTopic();
        try (Wire wire = hub.open("/events?topic=" + root + "/**&topic=" + root + "/*&topic=" + root + "/a&topic=" + root + "/a")) {
            hub.publish(root + "/a", "one");
            hub.publish(root + "/b", "two");
            hub.publish(root + "/b/c", "three");
            hub.publish(root + "/end", "end");

            assertThat(untilEnd(wire)).containsExactly("one", "two", "three");
        }
        try (Wire replayed = hub.open("/events?since=earliest&topic=" + root + "/**&topic=" + root + "/a")) {
            assertThat(untilEnd(replayed)).containsExactly("one", "two", "three");
        }
    }

    @Test
    void takesAHundredFiltersAndNotOneMore() {
        String root = newTopic();
        String most = IntStream.range(0, 100).mapToObj(i -> "topic=" + root + '/' + i).collect(Collectors.joining("&"));
        try (Wire wire = hub.open("/events?" + most)) {
            hub.publish(root + "/0", "first");
            hub.publish(root + "/99", "last");
            assertThat(wire.data(2)).containsExactly("first", "last");
        }
        assertRefused(hub.get("/events?" + most + "&topic=x"), ProblemType.INVALID_FILTER, "101", "100");
    }

    @ParameterizedTest
    @CsvSource({
        "/topics/, empty",
        "/topics/a//b, empty segment",
        "/topics/a/, empty segment",
        "/topics/**/a, **",
        "/topics/hark.x, hark.",
        "/topics/a%0Ab, U+000A",
        "/events, no topic",
        "/events?topic=, empty",
        "/events?topic=a&topic=b%20c, U+0020",
        "/topics/a?since=yesterday, yesterday",
        "/topics/a?since=-PT1S, -PT1S",
        "/topics/a?since=P1M, P1M",
        "/topics/a?since=10, 10m",
        "/topics/a?since=earliest&since=latest, since is given 2 times",
        "/topics/a?since=PT1S&last=1&last=2, last is given 2 times",
        "/topics/a?lastEventId=7k3q9x2m-1&lastEventId=7k3q9x2m-2, lastEventId is given 2 times",
        "/topics/a?lastEventId=7k3q9x2m-1&since=PT1S&since=PT2S, since is given 2 times",
        "/topics/a?last=-1, -1",
        "/topics/a?last=10001, 10000",
        "/topics/a?last=many, many",
        "/topics/news/, did you mean 'news'"
    })
    void refusesWhatItCannotServe(String path, String named) {
        assertRefused(hub.get(path), ProblemType.INVALID_FILTER, named);
    }

    @Test
    void refusesFiltersLongerThan512Bytes() {
        String most = "x".repeat(512);
        hub.open("/topics/" + most).close();
        assertRefused(hub.get("/topics/" + most + 'x'), ProblemType.INVALID_FILTER, "513", "512");
    }

    @Test
    void refusesFiltersAndTopicsOfMoreThan32Segments() {
        String most = newTopic() + "/a".repeat(30);
        hub.open("/topics/" + most).close();
        assertRefused(hub.get("/topics/" + most + "/*"), ProblemType.INVALID_FILTER, "topic filter has 33 segments", "32");
        assertRefused(hub.post("/topics/" + most + "/a", "x"), ProblemType.INVALID_EVENT, "topic has 33 segments", "32");
        hub.publish(most, "x");
    }

    @Test
    void startsWhereItIsTold() {
        String topic = newTopic();
        List<String> ids = publishNumbers(topic, 5);
        String path = "/topics/" + topic;

        assertThat(replayed(topic, path + "?since=earliest")).containsExactly("1", "2", "3", "4", "5");
        assertThat(replayed(topic, path + "?since=latest")).isEmpty();
        assertThat(replayed(topic, path)).isEmpty();
        assertThat(replayed(topic, path + "?since=" + ids.get(2))).containsExactly("4", "5");
        assertThat(replayed(topic, path + "?since=PT10M")).containsExactly("1", "2", "3", "4", "5");
        for (String back : List.of("10m", "1h30m", "2w", "P1W", "PT1.5H")) {
            assertThat(replayed(topic, path + "?since=" + back)).as(back).containsExactly("1", "2", "3", "4", "5");
        }
        assertThat(replayed(topic, path + "?since=PT0S")).isEmpty();
        assertThat(replayed(topic, path + "?since=0s")).isEmpty();
        assertThat(replayed(topic, path + "?lastEventId=" + ids.get(3))).containsExactly("5");
        assertThat(replayed(topic, path, "Last-Event-ID: " + ids.get(0))).containsExactly("2", "3", "4", "5");
        assertThat(replayed(topic, path, "Last-Event-ID: " + ids.get(4))).isEmpty();
        assertThat(replayed(topic, path + "?last=0")).isEmpty();
        assertThat(replayed(topic, path + "?last=10000")).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void lastCountsWhatMatches() {
        String root = newTopic();
        for (int i = 0; i < 20; i++) {
            hub.publish(root + (i % 5 == 0 ? "/wanted" : "/other"), String.valueOf(i));
        }
        assertThat(replayed(root + "/wanted", "/topics/" + root + "/wanted?last=3")).containsExactly("5", "10", "15");
    }

    @Test
    void theFirstStartThatIsPresentHolds() {
        String topic = newTopic();
        List<String> ids = publishNumbers(topic, 5);
        String lastEventId = "lastEventId=" + ids.get(1);
        String since = "since=" + ids.get(2);
        String path = "/topics/" + topic + "?last=1&" + since;

        assertThat(replayed(topic, path + '&' + lastEventId, "Last-Event-ID: " + ids.get(0))).containsExactly("2", "3", "4", "5");
        assertThat(replayed(topic, path + '&' + lastEventId)).containsExactly("3", "4", "5");
        assertThat(replayed(topic, path)).containsExactly("4", "5");
        assertThat(replayed(topic, path + "&lastEventId=", "Last-Event-ID:")).as("what is empty says nothing").containsExactly("4", "5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"P1000000D", "P30000000D", "PT2562047788015215H", "PT9223372036854775807S", "P106751991167300D"})
    void goesBackAsFarAsAnybodyLikes(String duration) {
        String topic = newTopic();
        publishNumbers(topic, 2);
        assertThat(replayed(topic, "/topics/" + topic + "?since=" + duration)).containsExactly("1", "2");
    }

    @Test
    void theFirstBlockCarriesThePositionThatItStartsFrom() {
        String topic = newTopic();
        List<String> ids = publishNumbers(topic, 3);
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + topic, "Last-Event-ID: " + ids.getFirst())) {
            assertThat(wire.block().raw()).isEqualTo(opening(ids.getFirst()));
            assertThat(wire.blocks(2)).extracting(SseBlock::id).containsExactly(ids.get(1), ids.get(2));
        }
    }

    /** A program that sends the id that it began with each time, with a library that adds its own. */
    @Test
    void theNewestOfSeveralIdsHolds() {
        String topic = newTopic();
        List<String> ids = publishNumbers(topic, 5);
        String path = "/topics/" + topic;
        String first = "Last-Event-ID: " + ids.get(0);
        String third = "Last-Event-ID: " + ids.get(2);

        assertThat(replayed(topic, path, first, third)).containsExactly("4", "5");
        assertThat(replayed(topic, path, third, first)).containsExactly("4", "5");
        assertThat(replayed(topic, path, "Last-Event-ID: " + ids.get(0) + ", " + ids.get(2))).containsExactly("4", "5");
        assertThat(replayed(topic, path, first, "Last-Event-ID:")).containsExactly("2", "3", "4", "5");
        assertThat(replayed(topic, path, third, "Last-Event-ID: 00000000-9")).as("of this log").containsExactly("4", "5");
        try (Wire wire = Wire.subscribe(hub.uri(), path, "Last-Event-ID: 00000000-9", "Last-Event-ID: 00000001-3")) {
            assertThat(wire.block().data()).as("the last, where none is of this log").contains("\"after\":\"00000001-3\"");
        }
    }

    /** Whoever sends it had an id, and was given an answer without one. */
    @Test
    void anEmptyIdIsALostOne() {
        String topic = newTopic();
        String newest = publishNumbers(topic, 5).getLast();
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + topic, "Last-Event-ID:")) {
            assertThat(wire.block().raw()).isEqualTo(openingGap("unknown-id", null, newest));
            assertThat(wire.block().raw()).isEqualTo(open(newest));
        }
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + topic + "?last=2", "Last-Event-ID:")) {
            assertThat(wire.block().data()).contains("unknown-id");
            assertThat(wire.block().is("hark.open")).isTrue();
            assertThat(wire.data(2)).containsExactly("4", "5");
        }
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + topic + "?lastEventId=" + newest, "Last-Event-ID:")) {
            assertThat(wire.block().raw()).as("the URL has another").isEqualTo(opening(newest));
        }
    }

    @Test
    void eachWriteIsAChunk() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            assertThat(wire.chunks()).hasSize(1);
            hub.publish(topic, "hi");
            SseBlock block = wire.block();
            assertThat(wire.chunks()).endsWith(block.raw().length()).hasSize(2);
            String large = "x".repeat(40_000);
            hub.publish(topic, large);
            SseBlock parts = wire.block();
            assertThat(parts.data()).isEqualTo(large);
            assertThat(wire.chunks().subList(2, 5)).as("in parts").containsExactly(16_384, 16_384, parts.raw().length() - 32_768);
            assertThat(wire.isFinished()).isFalse();
        }
        hub.awaitStreams(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "-1", "7k3q9x2m-", "7k3q9x2m-01", "7K3Q9X2M-1", "7k3q9x2m-99999999999999999999", "ü", "a b"})
    void announcesAnIdThatIsNone(String id) {
        long before = hub.read(HubMeter.GAPS_UNKNOWN_ID);
        String newest = hub.publish(newTopic(), "x");
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + newTopic(), "Last-Event-ID: " + id)) {
            assertThat(wire.block().raw()).isEqualTo(openingGap("unknown-id", null, newest));
            assertThat(wire.block().raw()).isEqualTo(open(newest));
        }
        assertThat(hub.read(HubMeter.GAPS_UNKNOWN_ID) - before).isEqualTo(1);
    }

    @Test
    void announcesAnIdOfTheFuture() {
        String topic = newTopic();
        String newest = hub.publish(topic, "x");
        String future = epoch(newest) + "-9223372036854775807";
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + topic + "?since=" + future)) {
            assertThat(wire.block().raw()).isEqualTo(openingGap("unknown-id", future, newest));
            assertThat(wire.block().raw()).isEqualTo(open(newest));
            String next = hub.publish(topic, "y");
            assertThat(wire.block().id()).isEqualTo(next);
        }
    }

    @Test
    void announcesAnotherEpochAndGivesEverythingOfThisOne() {
        long before = hub.read(HubMeter.GAPS_RESET);
        String topic = newTopic();
        List<String> ids = publishNumbers(topic, 3);
        String other = "00000000-1042";
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/" + topic, "Last-Event-ID: " + other)) {
            assertThat(wire.block().raw()).isEqualTo(openingGap("reset", other, epoch(ids.getFirst()) + "-0"));
            assertThat(wire.block().raw()).isEqualTo(open(epoch(ids.getFirst()) + "-0"));
            assertThat(wire.data(3)).containsExactly("1", "2", "3");
        }
        assertThat(hub.read(HubMeter.GAPS_RESET) - before).isEqualTo(1);
    }

    @Test
    void announcesWhatRetentionRemoved() {
        try (RunningHub small = RunningHub.start("log.retention.events=10", "topics.0.mailbox.events=4", "topics.1.mailbox.events=4")) {
            List<String> ids = new ArrayList<>();
            for (int i = 1; i <= 20; i++) {
                ids.add(small.publish("news", String.valueOf(i)));
            }
            String floor = ids.get(9);
            List<String> retained = IntStream.rangeClosed(11, 20).mapToObj(String::valueOf).toList();
            try (Wire wire = Wire.subscribe(small.uri(), "/topics/news", "Last-Event-ID: " + ids.get(2))) {
                assertThat(wire.block().raw()).isEqualTo(openingGap("retention", ids.get(2), floor));
                assertThat(wire.block().raw()).isEqualTo(open(floor));
                assertThat(wire.data(10)).isEqualTo(retained);
            }
            try (Wire wire = Wire.subscribe(small.uri(), "/topics/news?since=PT10M")) {
                assertThat(wire.block().raw()).isEqualTo(openingGap("retention", null, floor));
                assertThat(wire.block().raw()).isEqualTo(open(floor));
                assertThat(wire.data(10)).isEqualTo(retained);
            }
            try (Wire wire = Wire.subscribe(small.uri(), "/topics/news", "Last-Event-ID: " + floor)) {
                assertThat(wire.block().raw()).as("the boundary: nothing is missing").isEqualTo(opening(floor));
            }
            try (Wire wire = Wire.subscribe(small.uri(), "/topics/news?since=earliest")) {
                assertThat(wire.block().raw()).as("all that there is was asked for").isEqualTo(opening(floor));
            }
            assertThat(small.read(HubMeter.GAPS_RETENTION)).isEqualTo(2);
        }
    }

    @Nested
    class Heartbeats {
        private static final String SOON = "delivery.heartbeat=PT0.2S";

        @Test
        void areCommentsAsLongAsTheLogStands() {
            try (RunningHub hub = RunningHub.start(SOON);
                    Wire wire = hub.open("/topics/quiet")) {
                assertThat(wire.blocks(3)).allSatisfy(block -> assertThat(block.raw()).isEqualTo(SseBlock.COMMENT));
                assertThat(wire.chunks()).as("each by itself").endsWith(2, 2, 2);
                hub.awaitMeter(HubMeter.HEARTBEATS, count -> count >= 3);
            }
        }

        @Test
        void moveTheIdWhereTheLogHasMovedOn() {
            try (RunningHub hub = RunningHub.start(SOON);
                    Wire wire = hub.open("/topics/quiet")) {
                String id = hub.publish("other", "x");
                SseBlock block = wire.block();
                while (block.raw().equals(SseBlock.COMMENT)) {
                    block = wire.block(); // of before the publish
                }
                assertThat(block.raw()).isEqualTo("event: hark.position\nid: " + id + "\ndata: {}\n\n");
                assertThat(wire.block().raw()).as("it has that id now").isEqualTo(SseBlock.COMMENT);

                hub.publish("quiet", "y");
                try (Wire resumed = hub.open("/topics/**", "Last-Event-ID: " + id)) {
                    assertThat(resumed.block().data()).as("exact").isEqualTo("y");
                }
            }
        }

        @Test
        void areEventsWhereTheyHaveAName() {
            try (RunningHub hub = RunningHub.start(SOON, "delivery.heartbeat-event=ping");
                    Wire wire = hub.open("/topics/quiet")) {
                SseBlock still = wire.block();
                assertThat(still.raw()).isEqualTo("event: ping\nid: " + still.id() + "\ndata: {}\n\n");
                assertThat(still.sequence()).isZero();

                String id = hub.publish("other", "x");
                SseBlock moved = wire.block();
                while (moved.sequence() == 0) {
                    moved = wire.block();
                }
                assertThat(moved.raw()).isEqualTo("event: ping\nid: " + id + "\ndata: {}\n\n");
            }
        }

        @Test
        void doNotStandBetweenEvents() {
            try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT0.01S");
                    Wire wire = hub.open("/topics/busy")) {
                List<String> sent = IntStream.range(0, 300).mapToObj(String::valueOf).toList();
                sent.forEach(data -> hub.publish("busy", data));
                hub.publish("busy", "end");

                assertThat(untilEnd(wire)).isEqualTo(sent);
            }
        }
    }

    @Test
    void holdsOneAddressToItsStreams() {
        try (RunningHub hub = RunningHub.start("limits.subscribers-per-ip=2")) {
            Wire first = hub.open("/topics/a");
            try (Wire second = hub.open("/topics/a")) {
                Answer third = hub.get("/topics/a");
                assertRefused(third, ProblemType.TOO_MANY_STREAMS, "127.0.0.1", "2");
                assertThat(third.header("Retry-After").orElse("")).matches("[1-9][0-9]*");
                assertThat(hub.request("HEAD", "/topics/a").status()).as("is no stream").isEqualTo(200);
                assertThat(hub.post("/topics/a", "x").status()).as("is no stream").isEqualTo(201);

                first.close();
                hub.awaitStreams(1);
                hub.awaitOpen("/topics/a").close();
                hub.awaitStreams(1);
                assertThat(second.block().data()).isEqualTo("x");
            }
            hub.awaitStreams(0);
        }
    }

    @Test
    void holdsOnePublisherToItsRate() {
        try (RunningHub hub = RunningHub.start("limits.publish-rate=5")) {
            // As many at once as there may be in a second: however slow the machine is, some of them come too early.
            String five = "{\"topic\":\"a\",\"data\":\"x\"}\n".repeat(5);
            Answer answer = hub.post("/events", five, "Content-Type", "application/x-ndjson");
            for (int i = 0; i < 50 && answer.status() == 201; i++) {
                answer = hub.post("/events", five, "Content-Type", "application/x-ndjson");
            }
            assertRefused(answer, ProblemType.RATE_LIMITED, "127.0.0.1", "5");
            assertThat(answer.header("Retry-After")).contains("1");
            String six = "{\"topic\":\"a\",\"data\":\"x\"}\n".repeat(6);
            assertRefused(hub.post("/events", six, "Content-Type", "application/x-ndjson"), ProblemType.TOO_LARGE, "6", "5");
        }
    }

    /** What {@code target} gives before an event that is published once the stream is open; such events of earlier calls are left out. */
    private static List<String> replayed(String topic, String target, String... headers) {
        try (Wire wire = hub.open(target, headers)) {
            String end = hub.publish(topic, "end");
            List<String> data = new ArrayList<>();
            for (SseBlock block = wire.block(); !block.id().equals(end); block = wire.block()) {
                if (!block.data().equals("end")) {
                    data.add(block.data());
                }
            }
            return data;
        }
    }

    /** The data of all events before the first that is {@code end}. */
    private static List<String> untilEnd(Wire wire) {
        List<String> data = new ArrayList<>();
        for (SseBlock block = wire.block(); !block.data().equals("end"); block = wire.block()) {
            if (block.isEvent() && !block.isPosition()) {
                data.add(block.data());
            }
        }
        return data;
    }

    private static List<String> publishNumbers(String topic, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> hub.publish(topic, String.valueOf(i))).toList();
    }

    private static String opening(String position) {
        return "retry: 2000\n" + open(position);
    }

    private static String open(String position) {
        return "event: hark.open\nid: " + position + "\ndata: {\"position\":\"" + position + "\"}\n\n";
    }

    private static String openingGap(String reason, @Nullable String after, String resumedAt) {
        String last = after == null ? "null" : '"' + after + '"';
        return "retry: 2000\nevent: hark.gap\nid: " + resumedAt
                + "\ndata: {\"reason\":\"" + reason + "\",\"after\":" + last + ",\"resumedAt\":\"" + resumedAt + "\",\"dropped\":null}\n\n";
    }

    private static String epoch(String id) {
        return id.substring(0, id.indexOf('-'));
    }

    private static String newTopic() {
        return "subscribe/" + UUID.randomUUID();
    }
}
