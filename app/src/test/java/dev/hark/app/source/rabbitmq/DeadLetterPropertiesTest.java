package dev.hark.app.source.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import dev.hark.app.source.Item;
import dev.hark.app.source.rabbitmq.DeadLetters.Dead;
import dev.hark.app.state.OneLine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What goes with a dead letter, and that it can always be sent. */
class DeadLetterPropertiesTest {
    private static final int FRAME_BYTES = 131_072;

    private static BasicProperties of(BasicProperties properties, String reason, int maxBytes) {
        var message = new Arrived(new Envelope(1, false, "shop", "orders.17"), properties, new byte[0], 0, 1, new Item.Refused("", reason));
        return DeadLetterProperties.of(new Dead(message, reason), maxBytes);
    }

    private static BasicProperties headers(Map<String, Object> headers) {
        return new BasicProperties.Builder().messageId("m-1").userId("u").expiration("1").headers(headers).build();
    }

    private static int bytes(BasicProperties properties) throws Exception {
        return properties.toFrame(1, 0).size();
    }

    @Test
    void hasTheReasonBesideTheMessagesOwnHeaders() {
        BasicProperties dead = of(headers(Map.of("user", "u", "CC", List.of("q"), "BCC", List.of("q"))), "it is none", FRAME_BYTES);

        assertThat(dead.getHeaders()).isEqualTo(
                Map.of("user", "u", "hark-reason", "it is none", "hark-exchange", "shop", "hark-routing-key", "orders.17"));
        assertThat(dead.getMessageId()).isEqualTo("m-1");
        assertThat(dead.getUserId()).isNull();
        assertThat(dead.getExpiration()).isNull();
        assertThat(dead.getDeliveryMode()).isEqualTo(2);
    }

    @Test
    void saysAReasonShortlyAndInOneLine() throws Exception {
        BasicProperties dead = of(headers(Map.of("user", "x".repeat(70_000))), "a\nb" + "x".repeat(70_000), FRAME_BYTES);

        assertThat(String.valueOf(dead.getHeaders().get("hark-reason")))
                .startsWith("a\uFFFDbxxx").hasSize(OneLine.SHORT + 1).endsWith("…");
        assertThat(dead.getHeaders()).containsKey("user");
        assertThat(bytes(dead)).isLessThan(FRAME_BYTES);
    }

    @Test
    void leavesOutTheLargestHeadersWhereAllOfThemDoNotFit() throws Exception {
        Map<String, Object> all = new HashMap<>(Map.of("small", "s", "large", "x".repeat(60_000), "largest", "x".repeat(70_800)));
        all.put("nothing", null);
        BasicProperties own = headers(all);
        assertThat(bytes(own)).as("it could be published").isLessThan(FRAME_BYTES);

        BasicProperties dead = of(own, "r".repeat(1_000), FRAME_BYTES);
        assertThat(dead.getHeaders()).containsKeys("small", "large", "nothing", "hark-reason").doesNotContainKey("largest");
        assertThat(dead.getHeaders().get("hark-left-out")).isEqualTo("1: largest");
        assertThat(bytes(dead)).isLessThan(FRAME_BYTES);
        assertThat(of(own, "r", 0).getHeaders()).as("no limit").containsKey("largest");
    }

    @Test
    void fitsIntoTheSmallestFrameThatABrokerMayHave() throws Exception {
        Map<String, Object> many = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            many.put("header-" + i, "v");
        }
        String longest = "ü".repeat(127);
        BasicProperties own = headers(many).builder().messageId(longest).contentType(longest).contentEncoding(longest)
                .correlationId(longest).replyTo(longest).type(longest).appId(longest).clusterId(longest).build();

        BasicProperties dead = of(own, "😀".repeat(400), 4_096);
        assertThat(bytes(dead)).isLessThanOrEqualTo(4_096);
        assertThat(dead.getHeaders()).containsKeys("hark-reason", "hark-left-out");
        assertThat(dead.getMessageId()).isEqualTo(longest);
    }

    /** Such as one that only other clients can write. */
    @Test
    void goesWithoutAHeaderThatCannotBeWritten() throws Exception {
        BasicProperties dead = of(headers(Map.of("strange", new Object(), "small", "s")), "r", FRAME_BYTES);

        assertThat(dead.getHeaders()).containsKey("small").doesNotContainKey("strange");
        assertThat(bytes(dead)).isLessThan(FRAME_BYTES);
    }
}
