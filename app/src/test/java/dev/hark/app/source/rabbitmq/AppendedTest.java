package dev.hark.app.source.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import dev.hark.app.source.Item;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AppendedTest {
    private static Arrived message(long fingerprint, boolean isRedelivered, boolean hasId) {
        var properties = new BasicProperties.Builder().messageId(hasId ? "m-" + fingerprint : null).build();
        return new Arrived(new Envelope(1, isRedelivered, "", "q"), properties, new byte[0], 0, fingerprint, new Item.Refused("", ""));
    }

    private static Arrived again(long fingerprint) {
        return message(fingerprint, true, false);
    }

    private static Arrived againWithId(long fingerprint) {
        return message(fingerprint, true, true);
    }

    private static Appended appended(boolean isSettled, Long... fingerprints) {
        return Appended.of(List.of(new QueuePosition(1, List.of(fingerprints), isSettled)));
    }

    @Test
    void takesNothingForKnownThatIsNew() {
        Appended appended = appended(false, 1L, 2L);

        assertThat(appended.has(message(1, false, false))).isFalse();
        assertThat(appended.has(message(2, false, true))).isFalse();
        assertThat(appended.has(againWithId(3))).isFalse();
    }

    @Test
    void knowsByItsIdWhatComesAgainAsOftenAsItDoes() {
        Appended appended = appended(true, 1L, 2L);

        assertThat(appended.has(againWithId(9))).isFalse();
        assertThat(appended.has(againWithId(1))).isTrue();
        assertThat(appended.has(againWithId(1))).isTrue();
        appended.add(List.of(9L));
        assertThat(appended.has(againWithId(9))).isTrue();
    }

    @Test
    void countsEqualMessagesThatAreNotSettled() {
        Appended appended = appended(false, 1L, 1L);

        assertThat(appended.has(again(1))).isTrue();
        assertThat(appended.has(again(1))).isTrue();
        assertThat(appended.has(again(1))).isFalse();
    }

    @Test
    void takesSettledOnesForKnownOnlyWhereTheyAreEqualToNoOther() {
        assertThat(appended(true, 1L, 2L).has(again(2))).isTrue();
        assertThat(appended(true, 1L, 1L).has(again(1))).isFalse();
        // Of three equal ones, the newest is the one that may come again.
        Appended three = Appended.of(List.of(new QueuePosition(1, List.of(1L, 1L), false), new QueuePosition(2, List.of(1L), false)));
        assertThat(three.has(again(1))).isTrue();
        assertThat(three.has(again(1))).isFalse();
    }

    @Test
    void takesNothingForKnownBehindWhatIsNot() {
        Appended appended = appended(false, 1L, 2L);

        assertThat(appended.has(again(3))).isFalse();
        assertThat(appended.has(again(1))).isFalse();
    }

    @Test
    void knowsWhatComesAgainBehindWhatIsNew() {
        Appended appended = appended(false, 1L, 2L);

        assertThat(appended.has(message(3, false, false))).isFalse();
        assertThat(appended.has(again(1))).isTrue();
        assertThat(appended.has(again(2))).isTrue();
    }

    @Test
    void countsAPortionOnceHoweverOftenItsPositionIsThere() {
        var before = new QueuePosition(1, List.of(1L), false);
        var after = new QueuePosition(1, List.of(1L), true);

        Appended appended = Appended.of(List.of(before, before, after));
        assertThat(appended.has(again(1))).isTrue();
        assertThat(appended.has(again(1))).isFalse();
    }

    @Test
    void forgetsTheOldest() {
        Appended appended = appended(true, 1L);
        appended.add(LongStream.range(2, 2 + Appended.MAX).boxed().toList());

        assertThat(appended.has(againWithId(1))).isFalse();
        assertThat(appended.has(againWithId(2))).isTrue();
    }

    @Test
    void isReadFromWhatIsWritten() {
        var position = new QueuePosition(7, List.of(1L, -1L, Long.MIN_VALUE), true);

        assertThat(QueuePosition.parse(position.toJson())).isEqualTo(position);
        assertThat(QueuePosition.parse(null)).isEqualTo(QueuePosition.BEGINNING);
        assertThat(catchThrowable(() -> QueuePosition.parse(JsonNodeFactory.instance.objectNode())))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
