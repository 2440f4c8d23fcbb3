package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HookSettings;
import dev.hark.app.hook.NoteLog.Noted;
import dev.hark.app.hook.Place.Anew;
import dev.hark.event.EventId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LettersTest {
    private static final Place PLACE = new Place(new EventId("7k3q9x2m", 41), Anew.UNDELIVERED);

    private final HookSettings hook = new ConfigSource(Path.of("..", "application.yaml"), List.of("hooks.0.name=presence",
            "hooks.0.url=http://none/", "hooks.0.secret=" + Receiver.SECRET, "hooks.0.topics=orders/*"), Map.of())
            .load().hooks().getFirst();

    private Map<String, String> idsAnew(String... topics) {
        var letters = new Letters(hook);
        letters.know(List.of(topics).stream().map(topic -> new Noted("", "", new Note.Here("a", topic))).toList());
        return letters.anew(PLACE, Anew.UNDELIVERED, Instant.EPOCH).stream()
                .collect(Collectors.toMap(each -> each.path("topic").asText(), each -> each.path("id").asText()));
    }

    @Test
    void givesATopicTheSameIdWhoeverElseListensWhenItBeginsAnew() {
        Map<String, String> both = idsAnew("orders/1", "orders/2");

        assertThat(both.get("orders/2")).startsWith("7k3q9x2m-41/").isNotEqualTo(both.get("orders/1"));
        assertThat(idsAnew("orders/2")).containsEntry("orders/2", both.get("orders/2")).containsEntry("", both.get(""));
    }

    @Test
    void givesACallAnIdThatFollowsFromAllOfIt() {
        ObjectNode event = Call.event("7k3q9x2m-41", "topic.listened", "2026-11-29T17:33:00Z").put("topic", "orders/1");

        assertThat(Call.of("presence", List.of(event)).id())
                .isEqualTo(Call.of("presence", List.of(event.deepCopy())).id())
                .isNotEqualTo(Call.of("other", List.of(event)).id())
                .isNotEqualTo(Call.of("presence", List.of(event.deepCopy().put("topic", "orders/2"))).id());
    }
}
