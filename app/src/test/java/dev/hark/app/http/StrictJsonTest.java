package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hark.event.Filters;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    @Test
    void readsWhatCanBeReadInOneWay() throws Exception {
        assertThat(StrictJson.read(bytes(" {\"a\": [\"\u00E4\", {\"a\": 1}]} \n")).path("a").path(0).asText()).isEqualTo("\u00E4");
        assertThat(StrictJson.read(new byte[0]).isObject()).isFalse();
    }

    /** Of bytes that are written as characters, U+00C0 U+00AF for one: a slash in two bytes. */
    @ParameterizedTest
    @ValueSource(strings = {
        "{\"subscribe\":[\"a\"],\"subscribe\":[\"b\"]}", "{\"subscribe\":[\"a\"]} {}", "{\"subscribe\":[\"a\"]}]", "{\"subscribe\":[",
        "{\"subscribe\":[\"a\u00C0\u00AFb\"]}", "\0{\0}", "\u00FE\u00FF\0{\0}"
    })
    void refusesAllElseAndSoDoesWhoGivesTickets(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        assertThatExceptionOfType(JsonProcessingException.class).isThrownBy(() -> StrictJson.read(bytes));
        assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> TicketHandler.only(bytes)).withMessageContaining("is no JSON");
    }

    @Test
    void whoGivesTicketsTakesAListOrNothing() {
        assertThat(TicketHandler.only(bytes("{\"subscribe\":[\"a/*\",\"b\"]}"))).contains(Filters.of("a/*", "b"));
        assertThat(TicketHandler.only(bytes("{}"))).isEmpty();
        assertThat(TicketHandler.only(new byte[0])).isEmpty();
        assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> TicketHandler.only(bytes(" ")))
                .withMessageContaining("no object");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
