package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.crash.History.Sent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What tests ask of a program whose disk or threads fail: each request on a connection of its own. No two events have the same data.
 * Thread-safe.
 *
 * @param uri       of the data listener
 * @param admin     of the other one
 * @param witnesses who note what is published, and how that ends
 */
record FaultClient(URI uri, URI admin, Witnesses witnesses) {
    /** Where the tests' own events are. */
    static final String TOPIC = "a";

    private static final Pattern ADMIN = Pattern.compile("health and metrics: (http://[^)]+)\\)");

    static FaultClient of(Program program, Witnesses witnesses) {
        URI uri = program.awaitUri();
        Matcher admin = ADMIN.matcher(program.out());
        assertThat(admin.find()).as(program.out()).isTrue();
        return new FaultClient(uri, URI.create(admin.group(1)), witnesses);
    }

    /** Publishes {@code data}, with itself as its idempotency key. */
    Answer publish(String data) {
        return publish(new Sent(TOPIC, data, data), "Idempotency-Key: " + data);
    }

    Answer publishWithoutKey(String data) {
        return publish(new Sent(TOPIC, data, null));
    }

    private Answer publish(Sent sent, String... headers) {
        return witnesses.note(List.of(sent), () -> post("/topics/" + sent.topic(), sent.data(), headers));
    }

    /** Of one event each, all or nothing. */
    Answer publishBatch(List<String> data) {
        var lines = new StringBuilder();
        data.forEach(each -> lines.append("{\"topic\":\"" + TOPIC + "\",\"data\":\"").append(each).append("\"}\n"));
        return witnesses.note(
                data.stream().map(each -> new Sent(TOPIC, each, null)).toList(),
                () -> post("/events", lines.toString(), "Content-Type: application/x-ndjson"));
    }

    private Answer post(String target, String body, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        all.add("Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length);
        try (Wire wire = Wire.connect(uri)) {
            return wire.request("POST", target, all.toArray(String[]::new)).send(body).answer();
        }
    }

    Answer ready() {
        return get("/health/ready");
    }

    Answer live() {
        return get("/health/live");
    }

    Answer metrics() {
        return get("/metrics");
    }

    private Answer get(String path) {
        try (Wire wire = Wire.connect(admin)) {
            return wire.request("GET", path).answer();
        }
    }

    /** The data of everything that is in the log, in order; {@code end} is published to know where that is. */
    List<String> readAll(String end) {
        assertThat(publish(end).status()).isEqualTo(201);
        var data = new ArrayList<String>();
        try (Wire wire = Wire.open(uri, "/topics/**?since=earliest")) {
            for (SseBlock block = wire.block(); !block.data().equals(end); block = wire.block()) {
                assertThat(block.is("hark.gap") || block.is("hark.close")).as(block.raw()).isFalse();
                if (block.isEvent() && !block.isPosition()) {
                    data.add(block.data());
                }
            }
        }
        return data;
    }
}
