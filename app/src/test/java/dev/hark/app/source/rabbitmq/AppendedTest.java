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

    private static Appended portions(QueuePosition... portions) {
        return Appended.of(List.of(portions));
    }

    private static QueuePosition portion(long number, boolean isSettled, Long... fingerprints) {
        return new QueuePosition(number, List.of(fingerprints), isSettled);
    }

    @Test
    void takesAcknowledgedOnesForKnownOnlyWhereTheyAreEqualToNoOther() {
        assertThat(portions(portion(1, false, 1L, 2L), portion(2, false, 3L)).has(again(2))).isTrue();
        assertThat(portions(portion(1, false, 1L, 1L), portion(2, false, 3L)).has(again(1))).isFalse();
        // Of three equal ones, the newest is the one that may come again.
        Appended three = portions(portion(1, false, 1L, 1L), portion(2, false, 1L));
        assertThat(three.has(again(1))).isTrue();
        assertThat(three.has(again(1))).isFalse();
    }

    /** What comes again then was waiting in the hub: a tick is no earlier tick. */
    @Test
    void behindAnEndInOrderNothingWithoutAnIdIsAnEarlierOne() {
        assertThat(appended(true, 1L).has(again(1))).isFalse();
        assertThat(appended(true, 1L).has(againWithId(1))).as("with an id it is").isTrue();
        Appended later = portions(portion(1, false, 1L), portion(2, true, 2L), portion(3, false, 3L), portion(4, false, 4L));
        assertThat(later.has(again(3))).isTrue();
        assertThat(later.has(again(4))).isTrue();
        assertThat(later.has(again(1))).isFalse();
        assertThat(portions(portion(1, true, 1L), portion(2, false, 1L)).has(again(1))).as("not settled").isTrue();
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
        Appended appended = portions(portion(1, false, 1L), portion(1, false, 1L), portion(1, false, 1L));
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
