package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What is JSON and what is not is asked of Jackson, which reads the same text. */
class JsonTextTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @Example
    void knowsEveryKindOfValue() {
        for (String json : List.of(
                "{}", "[]", "0", "-0", "12", "-1.50", "1e3", "1E+3", "0.1e-7", "true", "false", "null", "\"\"", "\"a\"",
                "[1,2,[],{}]", "{\"a\":1,\"b\":[true,null]}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83D\\uDE00\"",
                "\"\u00E4\u2028\u007F\"")) {
            assertThat(compact(json)).isEqualTo(json);
        }
    }

    @Example
    void leavesOutTheWhiteSpaceBetweenTokensAndNothingElse() {
        assertThat(compact(" { \"a b\" : [ 1 ,\n\t2.50 ] ,\r\n \"c\" : \" d \\n\" } \n")).isEqualTo("{\"a b\":[1,2.50],\"c\":\" d \\n\"}");
    }

    @Example
    void isNoneOfWhatLooksLikeIt() {
        for (String text : List.of(
                "", " ", "hi", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]",
                "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{1:1}",
                "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\t\"", "\"\0\"",
                "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1_0", "NaN", "Infinity", "-Infinity",
                "tru", "truex", "nul", "True", "1 2", "{} {}", "// c\n1", "/**/1", "\uFEFF{}", "\u00A01", "\f1", "\u000B1")) {
            assertThat(compact(text)).as("'%s'", text).isNull();
        }
    }

    /** What one parser or another does not take in the middle of a document. */
    @Example
    void isNothingThatACommonParserRefuses() {
        assertThat(compact("[".repeat(60) + "]".repeat(60))).isNotNull();
        assertThat(compact("[".repeat(61) + "]".repeat(61))).isNull();
        assertThat(compact("{\"a\":".repeat(60) + "1" + "}".repeat(60))).isNotNull();
        assertThat(compact("{\"a\":".repeat(61) + "1" + "}".repeat(61))).isNull();
        assertThat(compact("[".repeat(50_000))).isNull();

        assertThat(compact("1e308")).isNotNull();
        assertThat(compact("1e309")).isNull();
        assertThat(compact("-" + "9".repeat(308))).isNotNull();
        assertThat(compact("-" + "9".repeat(310))).isNull();
        assertThat(compact("0." + "1".repeat(998))).isNotNull();
        assertThat(compact("0." + "1".repeat(999))).isNull();

        assertThat(compact("{\"" + "n".repeat(50_000) + "\":1}")).isNotNull();
        assertThat(compact("{\"" + "n".repeat(50_001) + "\":1}")).isNull();
        assertThat(compact("\"" + "n".repeat(50_001) + "\"")).as("only names are bounded").isNotNull();

        assertThat(compact("\"\\ud800\"")).isNull();
        assertThat(compact("\"\\udc00\"")).isNull();
        assertThat(compact("\"\\ud800x\"")).isNull();
        assertThat(compact("\"\\ud800\\n\"")).isNull();
        assertThat(compact("\"\\ud800\\ud800\"")).isNull();
        assertThat(compact("\"\\ud800\\udc00\"")).isNotNull();
    }

    @Property(tries = 5_000)
    void isWhatJacksonTakesForIt(@ForAll("texts") String text) throws IOException {
        assertThat(compact(text) != null).as("'%s' is JSON", text).isEqualTo(isJson(text));
    }

    @Property(tries = 2_000)
    void meansTheSameAfterwards(@ForAll("values") String json) throws IOException {
        String compact = Objects.requireNonNull(compact(json), json);

        assertThat(compact).doesNotContain("\n", "\r");
        assertThat(JSON.readTree(compact)).isEqualTo(JSON.readTree(json));
        assertThat(compact(compact)).isEqualTo(compact);
    }

    private static @Nullable String compact(String text) {
        byte[] json = JsonText.compact(text.getBytes(UTF_8));
        return json == null ? null : new String(json, UTF_8);
    }

    /** Token by token, because a tree does not look at all that it holds. */
    private static boolean isJson(String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        try (JsonParser parser = JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build().createParser(bytes)) {
            int values = 0;
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token.isNumeric() && !Double.isFinite(parser.getDoubleValue())) {
                    return false;
                }
                parser.getText();
            }
            return values == 1;
        } catch (IOException e) {
            return false;
        }
    }

    @Provide
    Arbitrary<String> values() {
        Arbitrary<String> space = Arbitraries.of("", "", " ", "\n", "\r\n", "\t ");
        Arbitrary<String> text = Arbitraries.of("\"\"", "\"a b\"", "\"\\n\"", "\"\\u00e4\"", "\"\u20AC\"", "\"{\"", "\"\\\"\"", "\"\\\\\"");
        Arbitrary<String> scalar = Arbitraries.oneOf(
                text,
                Arbitraries.of("0", "-1", "1.0", "1e5", "2.50E-3", "true", "false", "null", "12345678901234567890"),
                Arbitraries.doubles().map(Object::toString));
        Arbitrary<String> value = Arbitraries.recursive(
                () -> scalar,
                inner -> Arbitraries.oneOf(
                        Combinators.combine(space, inner.list().ofMaxSize(3), space)
                                .as((before, items, after) -> "[" + before + String.join("," + after, items) + before + "]"),
                        Combinators.combine(text, space, inner)
                                .as((name, between, member) -> "{" + between + name + between + ":" + between + member + "}")),
                0, 4);
        return Combinators.combine(space, value, space).as((before, json, after) -> before + json + after);
    }

    /** JSON, and what is left of it when a character is another one, or away. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> pieces = Arbitraries.of(
                "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u00e4", "a", "0", "1", "-", ".", "e", "true", "null",
                " ", "\n", "\t", "\0", "\u20AC");
        Arbitrary<String> spoilt = Combinators.combine(values(), Arbitraries.integers().between(0, 1_000), pieces, Arbitraries.of(0, 1))
                .as((json, at, piece, taken) -> {
                    int from = at % (json.length() + 1);
                    return json.substring(0, from) + piece + json.substring(Math.min(json.length(), from + taken));
                });
        return Arbitraries.oneOf(values(), spoilt, pieces.list().ofMaxSize(8).map(list -> String.join("", list)))
                .filter(text -> UTF_8.newEncoder().canEncode(text));
    }
}
