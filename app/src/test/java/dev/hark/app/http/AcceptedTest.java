package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptedTest {
    @Test
    void isAStreamWhereNothingIsSaid() {
        assertThat(Accepted.prefersJson(List.of())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // what clients send
        " => stream",
        "*/* => stream",
        "text/event-stream => stream",
        "application/json => page",
        "application/json, text/plain, */* => stream",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 => stream",
        "application/json, text/event-stream => stream",
        "text/event-stream, application/json => stream",
        "text/html => stream",
        // the better one of the two
        "application/json;q=0.9, text/event-stream;q=0.8 => page",
        "application/json;q=0.8, text/event-stream;q=0.9 => stream",
        "application/json, */*;q=0.5 => page",
        "application/json, */*;q=0.1, text/event-stream => stream",
        "application/json;q=0.5, */* => stream",
        // the range that names a type best counts, wherever it stands
        "application/* => page",
        "text/* => stream",
        "application/*;q=0.1, application/json => page",
        "application/json;q=0, application/*, */*;q=0.5 => stream",
        "text/event-stream;q=0, */* => page",
        "*/*, text/event-stream;q=0.9 => page",
        "text/*;q=0.3, application/json;q=0.3 => stream",
        // how it may be written
        "Application/JSON => page",
        "application/json ; Q=1.0 => page",
        "application/json;charset=utf-8 => page",
        "application/json;profile=\"a,b;q=0\" => page",
        "application/json;profile=\"a\\\",b\";q=0.5 => page",
        ",, application/json, => page",
        // what is no weight is none
        "application/json;q=2 => stream",
        "application/json;q=0.1234 => stream",
        "application/json;q= => stream",
        "application/json;q=0.000 => stream",
        "application/json;q=0.001 => page",
        "application/json-seq => stream",
        "application/problem+json => stream",
        "json => stream"
    })
    void isWhatThePartiesAgreeOn(String line) {
        String[] accept = line.split(" => ");
        assertThat(Accepted.prefersJson(List.of(accept[0]))).isEqualTo(accept[1].equals("page"));
    }

    @Test
    void readsSeveralFieldsAsOne() {
        assertThat(Accepted.prefersJson(List.of("text/html", "application/json"))).isTrue();
        assertThat(Accepted.prefersJson(List.of("application/json", "text/event-stream"))).isFalse();
    }
}
