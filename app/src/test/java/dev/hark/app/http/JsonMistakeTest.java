package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hark.app.config.ConfigSource;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonMistakeTest {
    private final BatchReader reader = new BatchReader(ConfigSource.defaults().load().limits());

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "[; entry 0 is not valid JSON: it ends too early",
        "{'topic':'a'; entry 0 is not valid JSON: it ends too early",
        "{'topic':'a','data':tru}; entry 0 is not valid JSON at line 1, column 21, near '{'topic':'a','data':tru}'",
        "{'topic':'a','data':1}{; entry 1 is beyond the end of the document",
        "plain; entry 0 is not valid JSON at line 1, column 1, near 'plain'",
        "{'topic':'a','topic':'b'}; entry 0 has the field 'topic' twice",
    })
    void saysWhatAndWhere(String body, String detail) {
        assertThat(refusal(body.replace('\'', '"')).replace('"', '\'')).isEqualTo(detail);
    }

    @Test
    void countsLinesAndCharactersOfTheWholeBody() {
        assertThat(refusal("[\n  {\"topic\": \"\u00E4\u20AC\", data: 1}]")).contains(
                "line 2, column 19, near '{\"topic\": \"\u00E4\u20AC\", data: 1}]'");
    }

    @Test
    void showsNoControlCharacterAndNoMoreThanALittle() {
        assertThat(refusal("{\"topic\":\"\u001B[31m" + "x".repeat(1_000) + "\"}")).contains("\uFFFD[31mxxx").hasSizeLessThan(120);
        assertThat(refusal("{\"" + "n".repeat(1_000) + "\":1,\"a\"}")).contains("nnn\u2026'; topic, data, type");
        assertThat(refusal("{\"data\":{\"" + "n".repeat(1_000) + "\":1,\"" + "n".repeat(1_000) + "\":1}}")).contains("nnn\u2026' twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"deep", "digits", "name"})
    void namesTheLimits(String kind) {
        String data = switch (kind) {
            case "deep" -> "[".repeat(1_001) + "]".repeat(1_001);
            case "digits" -> "1".repeat(1_001);
            default -> "{\"" + "n".repeat(50_001) + "\":1}";
        };
        assertThat(refusal("{\"topic\":\"a\",\"data\":" + data + "}"))
                .isEqualTo("entry 0 goes beyond what is read of JSON: 1000 levels, numbers of 1000 digits, names of 50000 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[", "{", "{'a'", "{'a':", "{'a':}", "nul", "'\\q'", "01", "+1", "1.", "'", "[1,]", "{,}", "\u0000", "NaN", "//",
        "{'a':'\u0001'}"})
    void saysNothingOfTheParser(String body) {
        assertThat(refusal(body.replace('\'', '"'))).startsWith("entry 0 ")
                .doesNotContainIgnoringCase("jackson", "source", "feature", "parser", "token", "(code");
    }

    private String refusal(String body) {
        return catchThrowableOfType(ProblemException.class, () -> reader.readJson(body.getBytes(StandardCharsets.UTF_8))).detail();
    }
}
