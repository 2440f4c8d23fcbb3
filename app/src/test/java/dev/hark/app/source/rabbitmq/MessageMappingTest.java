package dev.hark.app.source.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import dev.hark.app.config.MessageTemplate;
import dev.hark.app.config.RabbitSettings.Mapping;
import dev.hark.app.source.Item;
import dev.hark.event.Draft;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MessageMappingTest {
    private static final BasicProperties PLAIN = new BasicProperties();

    private static Item item(String exchange, String routingKey, BasicProperties properties, String body, String topic, String... more) {
        var mapping = new Mapping(MessageTemplate.parse(topic),
                more.length > 0 ? Optional.of(MessageTemplate.parse(more[0])) : Optional.empty(),
                more.length > 1 ? Optional.of(MessageTemplate.parse(more[1])) : Optional.empty());
        return new MessageMapping(mapping, 100)
                .toItem("name", new Envelope(1, false, exchange, routingKey), properties, body.getBytes(UTF_8));
    }

    private static Draft event(Item item) {
        return ((Item.Accepted) item).draft();
    }

    private static String reason(Item item) {
        return ((Item.Refused) item).reason();
    }

    @Test
    void makesSegmentsOfDotsInARoutingKeyAlone() {
        assertThat(event(item("my.shop", "orders.17", PLAIN, "x", "{exchange}/{routing-key}/z.z")).topic().value())
                .isEqualTo("my.shop/orders/17/z.z");
        assertThat(event(item("e", "a.b", PLAIN, "x", "t", "{routing-key}")).key()).isEqualTo("a.b");
    }

    @Test
    void takesTypesFromTheMessageUnlessItIsToldOtherwise() {
        BasicProperties typed = new BasicProperties.Builder().type("paid").appId("shop").build();

        assertThat(event(item("e", "k", typed, "x", "t")).type()).isEqualTo("paid");
        assertThat(event(item("e", "k", PLAIN, "x", "t")).type()).isEqualTo("message");
        assertThat(event(item("e", "k", typed, "x", "t", "k", "{app-id}.{type}")).type()).isEqualTo("shop.paid");
    }

    @Test
    void readsHeadersAndValues() {
        BasicProperties properties = new BasicProperties.Builder().messageId("m").correlationId("c")
                .headers(Map.of("n", 7, "flag", true, "s", "text")).build();
        String json = "{\"a\":{\"b/c\":[1.50,\"two\",true]}}";

        String topic = "{header.n}/{header.flag}/{header.s}/{message-id}{correlation-id}";
        assertThat(event(item("e", "k", properties, json, topic)).topic().value()).isEqualTo("7/true/text/mc");
        assertThat(event(item("e", "k", properties, json, "{json./a/b~1c/1}", "{json./a/b~1c/2}")).topic().value()).isEqualTo("two");
    }

    @Test
    void saysWhyAMessageCanBeNoEvent() {
        BasicProperties properties = new BasicProperties.Builder().headers(Map.of("deep", "a/b", "list", List.of("a"))).build();

        assertThat(reason(item("", "k", PLAIN, "x", "{exchange}/{routing-key}"))).contains("default exchange");
        assertThat(reason(item("e", "", PLAIN, "x", "t/{routing-key}"))).contains("empty segment");
        assertThat(reason(item("e", "a.$hark", PLAIN, "x", "{routing-key}"))).contains("belong to the hub");
        assertThat(reason(item("e", "k", PLAIN, "x", "{header.no}"))).isEqualTo("it has no header 'no'");
        assertThat(reason(item("e", "k", properties, "x", "t", "{header.list}"))).contains("no text, number or boolean");
        assertThat(reason(item("e", "k", properties, "x", "{header.deep}"))).contains("has a '/'");
        assertThat(event(item("e", "k", properties, "x", "t", "{header.deep}")).key()).isEqualTo("a/b");
        assertThat(reason(item("e", "k", PLAIN, "x", "t", "{message-id}"))).isEqualTo("it has no message-id");
        assertThat(reason(item("e", "k", PLAIN, "{\"a\":null}", "{json./a}"))).contains("no text, number or boolean at /a");
        assertThat(reason(item("e", "k", PLAIN, "{}", "{json./a}"))).contains("nothing at /a");
        assertThat(reason(item("e", "k", PLAIN, "{} {}", "{json./a}"))).contains("no JSON");
        assertThat(reason(item("e", "k", PLAIN, "", "{json./a}"))).contains("nothing at /a");
        assertThat(reason(item("e", "k", PLAIN, "x".repeat(101), "t"))).contains("data is 101 bytes; the limit is 100 bytes");
        assertThat(item("e", "k", PLAIN, "x".repeat(100), "t")).isInstanceOf(Item.Accepted.class);
    }

    @Test
    void refusesWhatIsNoUtf8() {
        var mapping = new MessageMapping(new Mapping(MessageTemplate.parse("t"), Optional.empty(), Optional.empty()), 100);

        assertThat(reason(mapping.toItem("name", new Envelope(1, false, "e", "k"), PLAIN, new byte[] {(byte) 0xc0, 1})))
                .contains("not valid UTF-8");
    }

    /** Of each kind that Jackson takes for another encoding, and cannot read. */
    @Test
    void refusesBytesThatLookLikeAnotherEncoding() {
        Mapping templates = new Mapping(MessageTemplate.parse("{json./a}"), Optional.empty(), Optional.empty());
        var mapping = new MessageMapping(templates, 100);
        for (byte[] body : List.of(new byte[] {0, 0, '{', 0}, new byte[] {0, '{', 0, 0}, new byte[] {0, 0, 0, '{'}, new byte[] {0, '{', 0},
                new byte[] {'{', 0, 0}, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 0}, new byte[] {0, 0, (byte) 0xff, (byte) 0xfe})) {
            assertThat(reason(mapping.toItem("name", new Envelope(1, false, "e", "k"), PLAIN, body))).as(HexFormat.of().formatHex(body))
                    .isNotEmpty();
        }
        assertThat(reason(mapping.toItem("name", new Envelope(1, false, "e", "k"), PLAIN, new byte[] {0, 0, '{', 0})))
                .contains("data is no JSON");
    }
}
