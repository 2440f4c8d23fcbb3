package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.Answer;

/** What every refusal has in common: a problem document (RFC 9457) whose detail a caller can act on. */
final class Refusal {
    private Refusal() {}

    /** @param details what the detail names: the subject, the value, the limit */
    static void assertRefused(Answer answer, ProblemType type, String... details) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(type.status());
        assertThat(answer.mediaType()).as(answer.body()).isEqualTo("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.path("type").asText()).isEqualTo("/problems/" + type.slug());
        assertThat(problem.path("title").asText()).isEqualTo(type.title());
        assertThat(problem.path("status").asInt()).isEqualTo(type.status());
        assertThat(problem.path("detail").asText()).isNotBlank();
        for (String named : details) {
            assertThat(problem.path("detail").asText()).contains(named);
        }
        assertThat(answer.body()).doesNotContain("Exception", "\tat ", "java.", "io.helidon");
    }
}
