package dev.hark.app.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a source has made of what services wrote, as one hub shows it. What a service writes is its number, {@code -}, and a number of its
 * own that grows. Confined to the test's thread.
 */
public final class SourcedLog {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI hub;
    private final String topic;

    /** @param topic of all that the source publishes */
    public SourcedLog(URI hub, String topic) {
        this.hub = hub;
        this.topic = topic;
    }

    /** All that is there now, in its order. */
    public List<String> read() throws IOException, InterruptedException {
        List<String> data = new ArrayList<>();
        String since = "earliest";
        boolean more = true;
        while (more) {
            URI page = URI.create(hub + "/topics/" + topic + "?limit=500&since=" + since);
            var request = HttpRequest.newBuilder(page).header("Accept", "application/json").timeout(ANSWER).build();
            JsonNode json = JSON.readTree(client.send(request, BodyHandlers.ofString()).body());
            json.path("events").forEach(event -> data.add(event.path("data").asText()));
            since = json.path("next").asText();
            more = !json.path("events").isEmpty();
        }
        return data;
    }

    /**
     * Reads until that is all of it. How much was written depends on how long the starts took: it may take any time, as long as it gets on.
     *
     * @param patience for each event more
     */
    public List<String> readUntil(Duration patience, Predicate<List<String>> isWhole) throws IOException, InterruptedException {
        List<String> log = read();
        while (!isWhole.test(log)) {
            int seen = log.size();
            await("more than " + seen + " of " + topic).atMost(patience).pollInterval(POLL).until(() -> read().size() > seen);
            log = read();
        }
        return log;
    }

    /** Requires that {@code log} has each of {@code expected}, once, and what each service wrote in the order in which it did. */
    public static void requireOnceAndInOrder(List<String> log, Collection<String> expected, long seed) {
        assertThat(log).as("nothing twice (seed %d)", seed).doesNotHaveDuplicates();
        assertThat(log).as("nothing lost (seed %d)", seed).containsAll(expected);
        Map<String, Integer> last = new HashMap<>();
        for (String each : log) {
            String[] parts = each.split("-");
            int number = Integer.parseInt(parts[1]);
            assertThat(last.put(parts[0], number)).as("what comes before %s of its service (seed %d)", each, seed)
                    .satisfiesAnyOf(before -> assertThat(before).isNull(), before -> assertThat(before).isLessThan(number));
        }
    }
}
