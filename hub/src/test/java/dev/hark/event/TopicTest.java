package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a/b",
                "orders/eu/1042",
                "https://example.com/books/1",
                "urn+x-1.0://a",
                "***",
                "a*",
                "*a",
                "hark",
                "harka",
                "xhark.a",
                "a/b$",
                "Hark.a",
                "a:b",
                "b\u00FCcher/\u20AC/\uD83D\uDE00",
                "a?b=c&d#e",
                "-",
                "."
            })
    void accepts(String value) {
        assertThat(new Topic(value)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "a/", "a//b", "//a", "a///b", "https://", "https:///a", "https://a//b",
            "1http://a", "http//a", "a/https://b", "://a"})
    void refusesEmptySegments(String value) {
        refuses(value, "empty segment");
    }

    @Test
    void hasAtMost32Segments() {
        String most = "a/".repeat(31) + 'a';
        assertThat(new Topic(most).segments()).hasSize(Topic.MAX_SEGMENTS);
        refuses(most + "/a", "topic has 33 segments; the limit is 32");
    }

    @Test
    void takesWhatAnOlderVersionStored() {
        String old = "a/".repeat(40) + 'a';
        assertThat(Topic.stored(old)).hasToString(old).isNotEqualTo(new Topic("a"));
        assertThat(Topic.stored(old)).isEqualTo(Topic.stored(old)).hasSameHashCodeAs(Topic.stored(old));
        assertThat(Topic.stored("a")).isEqualTo(new Topic("a"));
        assertThat(new TopicFilter("a/*/**").matches(Topic.stored(old))).isTrue();
    }

    @Test
    void refusesNothingAtAll() {
        refuses("", "empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "**", "a/*", "a/**", "*/a", "a/*/b", "a/**/b"})
    void refusesSegmentsThatAreWildcards(String value) {
        refuses(value, "only a topic filter may have");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hark.", "hark.gap", "a/hark.x", "a/hark.x/b", "$", "$SYS", "a/$b", "$/a"})
    void refusesSegmentsThatBelongToTheHub(String value) {
        refuses(value, "belong to the hub");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 9, 0xA, 0xD, 0x1F, 0x20, 0x7F, 0x80, 0x85, 0x9F, 0xA0, 0xAD, 0x600, 0x61C, 0x1680, 0x180E,
                0x2000, 0x200B, 0x200D, 0x200E, 0x2028, 0x2029,
                0x202E, 0x202F, 0x205F, 0x2060, 0x2066, 0x3000, 0xFEFF, 0xFFF9, 0x110BD, 0xE0001, 0xE0041
            })
    void refusesControlFormatAndWhiteSpace(int point) {
        String character = Character.toString(point);
        String code = "U+%04X".formatted(point);
        refuses(character, code);
        refuses("a" + character, code);
        refuses("a/b" + character + "c", code);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x21, 0x7E, 0xA1, 0xAC, 0xAE, 0x5FF, 0x606, 0x167F, 0x1FFF, 0x2010, 0x2027, 0x2030,
            0x3001, 0xFEFE, 0xFFFD, 0x110BC, 0x110BE})
    void acceptsTheirNeighbours(int point) {
        assertThat(new Topic("a" + Character.toString(point)).value()).hasSize(1 + Character.charCount(point));
    }

    @Property
    void refusesLoneSurrogates(@ForAll @CharRange(from = '\uD800', to = '\uDFFF') char surrogate) {
        refuses("a" + surrogate, "lone surrogate");
        refuses(surrogate + "a", "lone surrogate");
    }

    @Test
    void isAtMost512BytesLong() {
        assertThat(new Topic("a".repeat(512)).bytes()).isEqualTo(512);
        refuses("a".repeat(513), "513 bytes long; the limit is 512");
        assertThat(new Topic("\u20AC".repeat(170) + "ab").bytes()).isEqualTo(512);
        refuses("\u20AC".repeat(170) + "abc", "513 bytes long; the limit is 512");
        assertThat(new Topic("\uD83D\uDE00".repeat(128)).bytes()).isEqualTo(512);
        refuses("\uD83D\uDE00".repeat(129), "516 bytes long");
    }

    @Property
    void isItsSegmentsJoined(
            @ForAll @StringLength(max = 20) @CharRange(from = 'a', to = 'c') @CharRange(from = '/', to = '/') String value) {
        boolean valid = !value.isEmpty() && !value.startsWith("/") && !value.endsWith("/") && !value.contains("//");
        if (valid) {
            Topic topic = new Topic(value);
            assertThat(String.join("/", topic.segments())).isEqualTo(value);
            assertThat(topic.segments()).noneMatch(String::isEmpty);
        } else {
            assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new Topic(value));
        }
    }

    @Property
    void eitherHoldsToItsRulesOrIsRefused(@ForAll String value) {
        try {
            Topic topic = new Topic(value);
            assertThat(value.getBytes(UTF_8)).hasSizeBetween(1, 512);
            assertThat(new String(value.getBytes(UTF_8), UTF_8)).isEqualTo(value);
            assertThat(value.codePoints()).noneMatch(point -> Character.isISOControl(point)
                    || Character.isWhitespace(point) || Character.getType(point) == Character.FORMAT);
            assertThat(topic.segments()).noneMatch(segment -> segment.equals("*") || segment.equals("**"));
        } catch (InvalidEventException e) {
            assertThat(e).hasMessageStartingWith("topic ");
        }
    }

    @Example
    void leavesOneEmptySegmentAfterAScheme() {
        assertThat(new Topic("https://a/b").segments()).containsExactly("https:", "", "a", "b");
    }

    @Example
    void isOrderedByItsText() {
        assertThat(new Topic("a")).isLessThan(new Topic("b")).isEqualByComparingTo(new Topic("a"));
    }

    private static void refuses(String value, String why) {
        assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new Topic(value)).withMessageContaining(why);
    }
}
