package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.config.HookSettings.On;
import dev.hark.log.TopicClass;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HookSchemaTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final List<String> LEAST = List.of(
            "hooks.0.name=presence", "hooks.0.url=https://shop.example.com/hark-hook?token=geheim",
            "hooks.0.secret=" + SECRET, "hooks.0.topics=orders/*");

    private static HarkConfig read(String... more) {
        List<String> settings = Stream.concat(LEAST.stream(), Stream.of(more)).toList();
        return new ConfigSource(Path.of("..", "application.yaml"), settings, Map.of()).load();
    }

    private static HarkConfig readWithout(String key) {
        List<String> settings = LEAST.stream().filter(each -> !each.startsWith(key + '=')).toList();
        return new ConfigSource(Path.of("..", "application.yaml"), settings, Map.of()).load();
    }

    @Test
    void hasDefaultsForAllButNameAddressSecretAndTopics() {
        HookSettings hook = read().hooks().getFirst();

        assertThat(hook.on()).containsExactlyInAnyOrder(On.LISTENED, On.LEFT);
        assertThat(hook.batch()).isEqualTo(100);
        assertThat(hook.attempts()).isEqualTo(20);
        assertThat(hook.timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(hook.settle()).isEqualTo(Duration.ofSeconds(5));
        assertThat(hook.secrets()).hasSize(1);
        assertThat(hook.address()).isEqualTo("https://shop.example.com/hark-hook");
    }

    @Test
    void takesTwoSecretsAndWhatIsToBeHeard() {
        HookSettings hook = read("hooks.0.previous-secret=" + SECRET, "hooks.0.on=gap,refused").hooks().getFirst();

        assertThat(hook.secrets()).hasSize(2);
        assertThat(hook.on()).containsExactlyInAnyOrder(On.GAP, On.REFUSED);
        assertThat(hook.hearsOfPresence()).isFalse();
    }

    @Test
    void keepsNotesAndPositionApartFromAllElse() {
        var classes = read().log().config().classes();
        TopicClass state = classes.of("$hark/hooks/presence/state");
        TopicClass notes = classes.of("$hark/hooks/presence/notes");

        assertThat(state.number()).isNotZero().isNotEqualTo(notes.number());
        assertThat(notes.keep().latest()).isTrue();
        assertThat(classes.of("orders/1").number()).isZero();
    }

    @Test
    void showsNoSecret() {
        assertThat(read("hooks.0.previous-secret=" + SECRET).toString()).doesNotContain("MfKQ");
    }

    @Test
    void refusesWhatItCannotUse() {
        assertThatThrownBy(() -> readWithout("hooks.0.name")).hasMessageContaining("hooks.0.name is missing");
        assertThatThrownBy(() -> readWithout("hooks.0.url")).hasMessageContaining("hooks.0.url is missing");
        assertThatThrownBy(() -> readWithout("hooks.0.secret")).hasMessageContaining("hooks.0.secret is missing");
        assertThatThrownBy(() -> readWithout("hooks.0.topics")).hasMessageContaining("hooks.0.topics is missing");
        assertThatThrownBy(() -> read("hooks.0.topics=$hark/x")).hasMessageContaining("belong to the hub");
        assertThatThrownBy(() -> read("hooks.0.on=listened,everything"))
                .hasMessageContaining("everything").hasMessageContaining("listened | left | gap | refused");
        assertThatThrownBy(() -> read("hooks.0.on=")).hasMessageContaining("hooks.0.on has no items");
        assertThatThrownBy(() -> read("hooks.0.batch=501")).hasMessageContaining("hooks.0.batch is '501'");
        assertThatThrownBy(() -> read("log.idempotency.keys=10"))
                .hasMessageContaining("log.idempotency.keys is 10; with hooks at least 10000 are needed");
    }

    @Test
    void refusesAddressesWithoutSayingWhatMayBeSecret() {
        for (String url : List.of("ftp://shop/x", "shop.example.com/x", "https:///x", "https://shop/x#y", "https://sh op/",
                "https://shop:0/", "https://shop:65536/")) {
            assertThatThrownBy(() -> read("hooks.0.url=" + url)).as(url).hasMessageContaining("hooks.0.url is '" + url + "'");
        }
        for (String url : List.of("https://shop:open-sesame@shop.example.com/", "https://shop:open sesame@shop.example.com/",
                "https://shop:open-sesame@shop.example.com:x/")) {
            assertThatThrownBy(() -> read("hooks.0.url=" + url)).as(url)
                    .hasMessageContaining("a name or a password").hasMessageNotContaining("sesame");
        }
        for (String url : List.of("https://shop:open/sesame@shop.example.com/", "shop:open-sesame@shop.example.com/")) {
            assertThatThrownBy(() -> read("hooks.0.url=" + url)).as(url)
                    .hasMessageContaining("is no address").hasMessageNotContaining("sesame");
        }
        assertThat(read("hooks.0.url=https://shop.example.com/@hark").hooks()).hasSize(1);
    }

    @Test
    void refusesSecretsThatAreNoneWithoutShowingThem() {
        for (String secret : List.of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!")) {
            assertThatThrownBy(() -> read("hooks.0.secret=" + secret))
                    .hasMessageContaining("hooks.0.secret (not shown) is no secret of Standard Webhooks").hasMessageNotContaining("MfKQ");
            assertThatThrownBy(() -> read("hooks.0.previous-secret=" + secret))
                    .hasMessageContaining("hooks.0.previous-secret (not shown)").hasMessageNotContaining("MfKQ");
        }
    }

    @Test
    void refusesTwoOfOneNameAndTooMany() {
        List<String> second = LEAST.stream().map(each -> each.replace("hooks.0", "hooks.1")).toList();
        assertThatThrownBy(() -> read(second.toArray(String[]::new))).hasMessageContaining("hooks has 'presence' twice");
        List<String> many = new ArrayList<>();
        for (int i = 1; i < 9; i++) {
            int number = i;
            LEAST.forEach(each -> many.add(each.replace("hooks.0", "hooks." + number).replace("=presence", "=hook" + number)));
        }
        assertThatThrownBy(() -> read(many.toArray(String[]::new))).hasMessageContaining("hooks has 9 items; at most 8 are allowed");
    }
}
