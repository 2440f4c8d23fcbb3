package dev.hark.app.source.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.impl.LongStringHelper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    private static final Envelope FIRST = new Envelope(1, false, "shop", "orders.17");

    private static long of(BasicProperties properties) {
        return Fingerprint.of(FIRST, properties, "data".getBytes(UTF_8));
    }

    private static BasicProperties headers(Map<String, Object> headers) {
        return new BasicProperties.Builder().headers(headers).build();
    }

    @Test
    void isThatOfTheSameMessageWhenItComesAgain() {
        Map<String, Object> sent = new LinkedHashMap<>();
        sent.put("b", 7);
        sent.put("a", LongStringHelper.asLongString("x"));
        Map<String, Object> again = new LinkedHashMap<>();
        again.put("a", LongStringHelper.asLongString("x"));
        again.put("b", 7L);
        again.put("x-delivery-count", 2L);
        var redelivered = new Envelope(9, true, "shop", "orders.17");

        assertThat(Fingerprint.of(redelivered, headers(again), "data".getBytes(UTF_8))).isEqualTo(of(headers(sent)));
    }

    @Test
    void doesNotCountTheFirstHeaderThatTheBrokerAdds() {
        assertThat(of(headers(Map.of("x-delivery-count", 1L)))).isEqualTo(of(new BasicProperties()));
    }

    @Test
    void tellsMessagesApartByAnythingTheySay() {
        var plain = new BasicProperties();
        List<Long> all = List.of(
                of(plain),
                of(plain.builder().type("t").build()),
                of(plain.builder().correlationId("t").build()),
                of(plain.builder().messageId("t").build()),
                of(headers(Map.of("a", 1))),
                of(headers(Map.of("a", "1", "b", "2"))),
                of(headers(Map.of("a", List.of("1", "b", "2")))),
                of(headers(Map.of("a", List.of("1", Map.of("b", "2"))))),
                of(headers(Map.of("a", new byte[] {1}))),
                Fingerprint.of(new Envelope(1, false, "shop", "orders.18"), plain, "data".getBytes(UTF_8)),
                Fingerprint.of(FIRST, plain, "other".getBytes(UTF_8)));

        assertThat(all).doesNotHaveDuplicates();
    }

    @Test
    void goesByTheIdWhereThereIsOne() {
        BasicProperties first = new BasicProperties.Builder().messageId("m").appId("shop").headers(Map.of("try", 1)).build();

        assertThat(of(first.builder().headers(Map.of("try", 2)).build())).isEqualTo(of(first));
        assertThat(of(first.builder().appId("other").build())).isNotEqualTo(of(first));
        assertThat(of(first.builder().messageId("n").build())).isNotEqualTo(of(first));
    }
}
