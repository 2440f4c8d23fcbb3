package dev.hark.app.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;

/** A client that asks for one page after another, each from any node, and waits for what comes. Confined to the thread that calls it. */
final class PagingFollower implements Callable<Follower> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(9);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int OK = 200;

    private final String name;
    private final String topic;
    private final Meeting meeting;
    private final Random random;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
    private final List<Block> blocks = new ArrayList<>();
    private String next = "earliest";

    PagingFollower(String name, String topic, Meeting meeting, long seed) {
        this.name = name;
        this.topic = topic;
        this.meeting = meeting;
        this.random = new Random(seed);
    }

    @Override
    public Follower call() throws InterruptedException {
        boolean ended = false;
        while (!ended && !meeting.isOver()) {
            URI node = meeting.nodes().get(random.nextInt(meeting.nodes().size()));
            HttpRequest request = HttpRequest.newBuilder(node.resolve("/topics/" + topic + "?wait=1s&limit=200&since=" + next))
                    .header("Accept", "application/json").timeout(PATIENCE).build();
            try {
                HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
                if (answer.statusCode() == OK) {
                    ended = note(JSON.readTree(answer.body()));
                    continue;
                }
            } catch (IOException e) {
                // Another one goes on.
            }
            Thread.sleep(PAUSE);
        }
        return new Follower(name, topic, blocks);
    }

    private boolean note(JsonNode page) {
        boolean ended = false;
        JsonNode gap = page.path("gap");
        if (gap.isObject()) {
            EventId after = EventId.parse(gap.path("after").asText()).orElse(null);
            blocks.add(new Block.Gap(gap.path("reason").asText(), after, id(gap.path("resumedAt"))));
        }
        for (JsonNode event : page.path("events")) {
            String data = event.path("data").asText();
            blocks.add(new Block.Delivered(id(event.path("id")), data));
            ended |= meeting.isEnd(data);
        }
        EventId position = id(page.path("next"));
        blocks.add(new Block.Position(position));
        next = position.toString();
        return ended;
    }

    private static EventId id(JsonNode text) {
        return EventId.parse(text.asText()).orElseThrow(() -> new AssertionError("no id: " + text));
    }
}
