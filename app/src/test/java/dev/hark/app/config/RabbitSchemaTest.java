package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.config.RabbitSettings.Broker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RabbitSchemaTest {
    private static final String KEYS = "sources.0.rabbitmq.";

    private static HarkConfig config(String... settings) {
        List<String> all = new ArrayList<>(List.of("sources.0.name=orders"));
        all.addAll(List.of(settings));
        return new ConfigSource(Path.of("..", "application.yaml"), all, Map.of()).load();
    }

    private static RabbitSettings read(String uri, String topic, String... more) {
        List<String> all = new ArrayList<>(List.of(KEYS + "uri=" + uri, KEYS + "queue=hark", KEYS + "topic=" + topic));
        all.addAll(List.of(more));
        return (RabbitSettings) config(all.toArray(String[]::new)).sources().getFirst().input();
    }

    private static RabbitSettings read(String uri) {
        return read(uri, "t");
    }

    @Test
    void hasDefaultsForAllButAddressQueueAndTopic() {
        RabbitSettings settings = read("amqp://broker");

        assertThat(settings.broker()).isEqualTo(new Broker(false, Optional.empty(), "broker", 5672, "/"));
        assertThat(settings.prefetch()).isEqualTo(1000);
        assertThat(settings.mapping().key()).isEmpty();
        assertThat(settings.mapping().type()).isEmpty();
        assertThat(settings.deadLetter()).isEmpty();
        assertThatThrownBy(() -> config(KEYS + "prefetch=10")).isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.mistakes())
                .anyMatch(each -> each.contains(KEYS + "uri is missing"))
                .anyMatch(each -> each.contains(KEYS + "queue is missing"))
                .anyMatch(each -> each.contains(KEYS + "topic is missing")));
    }

    @Test
    void readsAddresses() {
        assertThat(read("amqps://a%40b@broker.example.com:1234/my%2Fhost+1").broker())
                .isEqualTo(new Broker(true, Optional.of("a@b"), "broker.example.com", 1234, "my/host+1"));
        assertThat(read("amqps://[::1]/").broker()).isEqualTo(new Broker(true, Optional.empty(), "::1", 5671, "/"));
        assertThat(read("amqps://[::1]/").broker().address()).isEqualTo("amqps://[::1]:5671/");
        assertThat(read("amqp://hark@b/shop").broker().address()).isEqualTo("amqp://hark@b:5672/shop");
        for (String wrong : List.of("http://broker", "amqp:broker", "amqp://", "amqp://a/b/c", "amqp://a/?heartbeat=1", "amqp://a b")) {
            assertThatThrownBy(() -> read(wrong)).as(wrong).hasMessageContaining(KEYS + "uri is");
        }
    }

    @Test
    void showsNoPassword() {
        assertThat(read("amqp://hark@broker", "t", KEYS + "password=geheim").toString()).doesNotContain("geheim");
        assertThatThrownBy(() -> read("amqp://hark:geheim@broker"))
                .hasMessageContaining("belongs in rabbitmq.password").hasMessageNotContaining("geheim");
        for (String uri : List.of("amqp://hark:ge{sesame@broker", "amqp://hark:a/sesame@broker/", "amqp://hark:5/sesame@broker/",
                "amqp://hark:a#sesame@broker", "amqp://hark:a?sesame@broker", "amqp:hark:sesame@broker", "amqps:/hark:sesame@broker",
                "hark:sesame@broker:5672/", "http://hark:sesame@broker", "amqp://hark:@sesame@broker", " amqp://hark:sesame@broker")) {
            assertThatThrownBy(() -> read(uri)).as(uri)
                    .hasMessageContaining("belongs in rabbitmq.password").hasMessageNotContaining("sesame");
        }
    }

    @Test
    void refusesTemplatesThatCannotBeFilled() {
        MessageTemplate topic = read("amqp://b", "{exchange}/{routing-key}/{header.a b}/{json./x~1y/0}").mapping().topic();
        assertThat(topic.parts()).hasSize(7);
        assertThatThrownBy(() -> read("amqp://b", "{exchang}")).hasMessageContaining("{exchang} is none of {exchange}, {routing-key}");
        assertThatThrownBy(() -> read("amqp://b", "a{exchange")).hasMessageContaining("a { without its }");
        assertThatThrownBy(() -> read("amqp://b", "a}b")).hasMessageContaining("a } without its {");
        assertThatThrownBy(() -> read("amqp://b", "{json.x}")).hasMessageContaining("{json.x} is none of");
        assertThatThrownBy(() -> read("amqp://b", "{header.}")).hasMessageContaining("{header.} is none of");
        assertThatThrownBy(() -> read("amqp://b", "t", KEYS + "type={}")).hasMessageContaining(KEYS + "type is");
    }

    @Test
    void readsOneKindForEachSource() {
        assertThatThrownBy(() -> read("amqp://b", "t", "sources.0.jdbc.url=jdbc:postgresql://db/shop"))
                .hasMessageContaining("a source has both jdbc and rabbitmq");
        assertThatThrownBy(() -> read("amqp://b", "t", KEYS + "authorities=ca.pem")).hasMessageContaining("of no use without amqps://");
        assertThatThrownBy(() -> read("amqp://b", "t", KEYS + "dead-letter=hark"))
                .hasMessageContaining("dead-letter of a source is its queue");
        assertThatThrownBy(() -> read("amqp://b", "t", KEYS + "prefetch=0")).hasMessageContaining(KEYS + "prefetch is '0'");
    }
}
