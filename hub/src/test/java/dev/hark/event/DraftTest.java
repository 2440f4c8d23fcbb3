package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DraftTest {
    private static final byte[] NOTHING = {};

    @ParameterizedTest
    @ValueSource(strings = {"message", "a", "order.created", "hark", "harkx", "Hark.gap", "a hark.b", " ", "\u2028", "\uD83D\uDE00", ":"})
    void acceptsTheType(String type) {
        assertThat(draft(type, null, null).type()).isEqualTo(type);
    }

    @Test
    void refusesTypesOfTheHub() {
        refuses("hark.", null, null, "belongs to the hub");
        refuses("hark.gap", null, null, "type 'hark.gap'");
        refuses("hark.close", null, null, "belongs to the hub");
    }

    @Test
    void refusesEmptyNames() {
        refuses("", null, null, "type is empty");
        refuses("a", "", null, "key is empty");
        refuses("a", null, "", "idempotency key is empty");
    }

    @Test
    void limitsNamesTo256Bytes() {
        String longest = "\u20AC".repeat(85) + "x";
        assertThat(longest.getBytes(UTF_8)).hasSize(256);
        assertThatNoException().isThrownBy(() -> draft(longest, longest, longest));
        refuses(longest + "x", null, null, "type is 257 bytes long; the limit is 256");
        refuses("a", longest + "x", null, "key is 257 bytes long; the limit is 256");
        refuses("a", null, longest + "x", "idempotency key is 257 bytes long; the limit is 256");
    }

    @ParameterizedTest
    @ValueSource(chars = {'\0', '\t', '\n', '\r', '\u001B', '\u001F', '\u007F', '\u0080', '\u0085', '\u009F'})
    void refusesControlCharactersInNames(char c) {
        String code = "U+%04X".formatted((int) c);
        refuses("a" + c, null, null, "type holds the control character " + code);
        refuses("a", c + "a", null, "key holds the control character " + code);
        refuses("a", null, "a" + c + "a", "idempotency key holds the control character " + code);
    }

    @Test
    void refusesLoneSurrogatesInNames() {
        refuses("\uD800", null, null, "lone surrogate");
        refuses("a", "\uDC00\uD800", null, "lone surrogate");
        refuses("a", null, "a\uD83D", "lone surrogate");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf", "efbbbf", "0d0a"
    })
    void acceptsWellFormedData(String hex) {
        assertThatNoException().isThrownBy(() -> draft(HexFormat.of().parseHex(hex)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "80", "bf", "c0", "c080", "c1bf", "c2", "e08080", "e09fbf", "eda080", "edbfbf", "f08fbfbf", "f4908080", "f5808080",
        "ff", "fe", "e282", "61f09f98", "c30a"
    })
    void refusesMalformedData(String hex) {
        assertThatExceptionOfType(InvalidEventException.class)
                .isThrownBy(() -> draft(HexFormat.of().parseHex(hex))).withMessage("data is not valid UTF-8");
    }

    @Property
    void agreesWithTheDecoder(@ForAll @Size(max = 6) byte[] data) {
        boolean valid;
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(data));
            valid = true;
        } catch (CharacterCodingException e) {
            valid = false;
        }
        if (valid) {
            assertThat(draft(data).data()).isSameAs(data);
        } else {
            assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> draft(data));
        }
    }

    @Test
    void becomesAnEventAtAPosition() {
        var draft = new Draft(new Topic("a"), "t", "k", "x".getBytes(UTF_8), "i");
        Event event = Event.of("7k3q9x2m", 3, 99, draft);
        assertThat(event.sequence()).isEqualTo(3);
        assertThat(event.topic()).isEqualTo(new Topic("a"));
        assertThat(event.key()).isEqualTo("k");
        assertThat(event.timeMillis()).isEqualTo(99);
        assertThat(event.frame()).hasToString("event: t\nid: 7k3q9x2m-3\ndata: x\n\n");
    }

    @Test
    void isSupersededByTheSameTopicAndKeyOnly() {
        Event old = event("a", "k");
        assertThat(old.isSupersededBy(event("a", "k"))).isTrue();
        assertThat(old.isSupersededBy(event("a", "other"))).isFalse();
        assertThat(old.isSupersededBy(event("b", "k"))).isFalse();
        assertThat(old.isSupersededBy(event("a", null))).isFalse();
        assertThat(event("a", null).isSupersededBy(event("a", null))).isTrue();
        assertThat(event("a", null).isSupersededBy(event("b", null))).isFalse();
    }

    private static Event event(String topic, @Nullable String key) {
        return Event.of("7k3q9x2m", 1, 0, new Draft(new Topic(topic), "message", key, NOTHING, null));
    }

    private static Draft draft(byte[] data) {
        return new Draft(new Topic("t"), "message", null, data, null);
    }

    private static Draft draft(String type, @Nullable String key, @Nullable String idempotencyKey) {
        return new Draft(new Topic("t"), type, key, NOTHING, idempotencyKey);
    }

    private static void refuses(String type, @Nullable String key, @Nullable String idempotencyKey, String why) {
        assertThatExceptionOfType(InvalidEventException.class)
                .isThrownBy(() -> draft(type, key, idempotencyKey)).withMessageContaining(why);
    }
}
