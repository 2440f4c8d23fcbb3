package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What a refusing answer says (RFC 9457). */
final class Problem {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Problem() {}

    /** The problem's detail, or its title; for an answer that is no problem document, its status. */
    static String inWords(int status, String body) {
        try {
            JsonNode problem = JSON.readTree(body);
            String text = problem.path("detail").asText(problem.path("title").asText(""));
            return text.isBlank() ? "the answer was " + status : text;
        } catch (JsonProcessingException e) {
            return "the answer was " + status;
        }
    }
}
