package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hark.event.EventStreamParser.Message;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class FrameTest {
    private static final String EPOCH = "7k3q9x2m";

    @Example
    void hasItsFieldsInOrderAndOneSpaceAfterEachColon() {
        assertThat(frame(1042, "order.created", "first line\nsecond line"))
                .hasToString("event: order.created\nid: 7k3q9x2m-1042\ndata: first line\ndata: second line\n\n");
    }

    @Example
    void leavesOutTheDefaultType() {
        assertThat(frame(7, "message", "x")).hasToString("id: 7k3q9x2m-7\ndata: x\n\n");
    }

    @Example
    void givesEmptyDataOneEmptyLine() {
        assertThat(frame(7, "message", "")).hasToString("id: 7k3q9x2m-7\ndata: \n\n");
    }

    @Example
    void givesATrailingLineEndALineOfItsOwn() {
        assertThat(frame(7, "message", "x\n")).hasToString("id: 7k3q9x2m-7\ndata: x\ndata: \n\n");
        assertThat(frame(7, "message", "x\r")).hasToString("id: 7k3q9x2m-7\ndata: x\ndata: \n\n");
        assertThat(frame(7, "message", "x\r\n")).hasToString("id: 7k3q9x2m-7\ndata: x\ndata: \n\n");
    }

    @Example
    void splitsAtEveryLineEndOnce() {
        assertThat(frame(7, "message", "a\rb\nc\r\nd\n\re"))
                .hasToString("id: 7k3q9x2m-7\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\n\n");
    }

    @Example
    void keepsWhatClientsDoNotSplitAt() {
        assertThat(frame(7, "message", "a\u2028b\u2029c\u0085d\u000Be\ff\0g"))
                .hasToString("id: 7k3q9x2m-7\ndata: a\u2028b\u2029c\u0085d\u000Be\ff\0g\n\n");
    }

    @Example
    void knowsItsLength() {
        Frame frame = frame(7, "message", "h\u00E9");
        assertThat(frame.length()).isEqualTo(frame.bytes().length).isEqualTo("id: 7k3q9x2m-7\ndata: h\u00E9\n\n".getBytes(UTF_8).length);
    }

    @Example
    void standsWithinItsMargin() {
        for (int size : new int[] {0, 1, 40, 227, 228, 229, 4_000, 5_000}) {
            Frame frame = frame(7, "message", "x".repeat(size));
            assertThat(frame.parts()).isOne();
            assertThat(new String(frame.array(0), UTF_8)).isEqualTo(Integer.toHexString(frame.length()) + "\r\n" + frame + "\r\n");
            assertThat(new String(frame.array(0), frame.offset(0), frame.length(0), UTF_8)).isEqualTo(frame.toString());
        }
        assertThat(new String(Frame.verbatim(":\n").array(0), UTF_8)).isEqualTo("2\r\n:\n\r\n");
    }

    @Example
    void standsInPartsEachWithinAMarginOfItsOwn() {
        int around = frame(7, "message", "").length();
        for (int length : new int[] {16_383, 16_384, 16_385, 32_767, 32_768, 32_769, 70_000, 1 << 20}) {
            for (Frame frame : List.of(frame(7, "message", "x".repeat(length - around)), Frame.verbatim("y".repeat(length)))) {
                String block = frame.toString();
                for (int from = 0; from < length; from += 16_384) {
                    String part = block.substring(from, Math.min(length, from + 16_384));
                    String chunk = Integer.toHexString(part.length()) + "\r\n" + part + "\r\n";
                    int index = from / 16_384;
                    assertThat(new String(frame.array(index), UTF_8)).isEqualTo(chunk);
                    assertThat(new String(frame.array(index), frame.offset(index), frame.length(index), UTF_8)).isEqualTo(part);
                }
                assertThat(frame.length()).isEqualTo(length);
                assertThat(block).hasSize(length);
                assertThat(frame.parts()).isEqualTo((length + 16_383) / 16_384);
            }
        }
    }

    @Example
    void ofTheHubCarriesAnIdWhereItHasOne() {
        assertThat(Frame.control("hark.gap", new EventId(EPOCH, 3), "{}")).hasToString("event: hark.gap\nid: 7k3q9x2m-3\ndata: {}\n\n");
        assertThat(Frame.control("hark.close", null, "{}")).hasToString("event: hark.close\ndata: {}\n\n");
        assertThat(Frame.verbatim(":\n\n")).hasToString(":\n\n");
    }

    @Property(tries = 5_000)
    void isReassembledAsItWasPublished(
            @ForAll("data") String data, @ForAll("types") String type, @ForAll @LongRange(min = 1) long sequence) {
        EventStreamParser client = EventStreamParser.parse(frame(sequence, type, data).bytes());
        assertThat(client.messages()).containsExactly(new Message(type, HostileText.withLineFeeds(data), EPOCH + "-" + sequence));
    }

    @Property(tries = 5_000)
    void letsNoPayloadForgeAField(@ForAll("data") String data, @ForAll("types") String type) {
        EventStreamParser client = EventStreamParser.parse(frame(5, type, data).bytes());
        assertThat(client.blocks()).isEqualTo(1);
        assertThat(client.messages()).hasSize(1);
        assertThat(client.lastEventId()).isEqualTo("7k3q9x2m-5");
        assertThat(client.retry()).isEmpty();
        assertThat(client.comments()).isZero();
        assertThat(client.unknownFields()).isZero();
        assertThat(client.isBetweenBlocks()).isTrue();
    }

    @Property(tries = 300)
    void isReassembledAtItsLargest(@ForAll @IntRange(min = 65_000, max = 65_536) int size, @ForAll("data") String filler) {
        String data = (filler.isEmpty() ? "x" : filler).repeat(size).substring(0, size / 4);
        if (Character.isHighSurrogate(data.charAt(data.length() - 1))) {
            data = data.substring(0, data.length() - 1);
        }
        EventStreamParser client = EventStreamParser.parse(frame(5, "message", data).bytes());
        assertThat(client.messages()).extracting(Message::data).containsExactly(HostileText.withLineFeeds(data));
    }

    @Example
    void isReassembledWith64KiBOfOneByte() {
        for (String unit : List.of("x", "\n", "\r", "\0", " ", ":")) {
            String data = unit.repeat(1 << 16);
            EventStreamParser client = EventStreamParser.parse(frame(5, "message", data).bytes());
            assertThat(client.messages()).extracting(Message::data).containsExactly(HostileText.withLineFeeds(data));
        }
    }

    @Property(tries = 1_000)
    void standsForItselfBetweenOthers(@ForAll("data") String first, @ForAll("data") String second) {
        var client = new EventStreamParser();
        for (Frame frame : List.of(Frame.verbatim("retry: 2000\nid: 7k3q9x2m-0\n\n"), frame(1, "a", first), frame(2, "message", second))) {
            client.feed(frame.array(0), frame.offset(0), frame.length());
        }
        assertThat(client.messages())
                .containsExactly(
                        new Message("a", HostileText.withLineFeeds(first), "7k3q9x2m-1"),
                        new Message("message", HostileText.withLineFeeds(second), "7k3q9x2m-2"));
        assertThat(client.retry()).isEqualTo("2000");
    }

    @Property
    void isNeverMadeOfATypeThatForges(@ForAll("withControlCharacter") String name) {
        assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new Draft(new Topic("t"), name, null, new byte[0], null));
    }

    @Property
    void isNeverMadeOfAKeyOrIdempotencyKeyThatForges(@ForAll("withControlCharacter") String name) {
        assertThatExceptionOfType(InvalidEventException.class)
                .isThrownBy(() -> new Draft(new Topic("t"), "message", name, new byte[0], null));
        assertThatExceptionOfType(InvalidEventException.class)
                .isThrownBy(() -> new Draft(new Topic("t"), "message", null, new byte[0], name));
    }

    @Property
    void isNeverMadeOfATopicThatForges(@ForAll("withControlCharacter") String name) {
        assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new Topic(name));
        assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new TopicFilter(name));
    }

    private static Frame frame(long sequence, String type, String data) {
        return Frame.encode(EPOCH, sequence, type, data.getBytes(UTF_8));
    }

    @Provide
    Arbitrary<String> data() {
        Arbitrary<String> hostile = Arbitraries.of(HostileText.FRAGMENTS).list().ofMaxSize(14).map(pieces -> String.join("", pieces));
        return Arbitraries.frequencyOf(Tuple.of(4, hostile), Tuple.of(1, wellFormed(Arbitraries.strings().ofMaxLength(80))));
    }

    @Provide
    Arbitrary<String> types() {
        Arbitrary<String> any = wellFormed(Arbitraries.strings().ofMinLength(1).ofMaxLength(40))
                .filter(text -> text.chars().noneMatch(Character::isISOControl) && !text.startsWith("hark."));
        return Arbitraries.oneOf(
                Arbitraries.of("message", "order.created", " leading", "data: x", ":", "id", "\u2028", "\uD83D\uDE00"), any);
    }

    @Provide
    Arbitrary<String> withControlCharacter() {
        Arbitrary<Character> control = Arbitraries.chars().range('\0', '\u001F').range('\u007F', '\u009F');
        Arbitrary<String> rest = Arbitraries.strings().alpha().ofMaxLength(6);
        return Combinators.combine(rest, control, rest).as((before, c, after) -> before + c + after);
    }

    private static Arbitrary<String> wellFormed(Arbitrary<String> texts) {
        return texts.filter(text -> UTF_8.newEncoder().canEncode(text));
    }
}
