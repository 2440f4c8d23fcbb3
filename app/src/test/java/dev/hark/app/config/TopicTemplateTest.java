package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTemplateTest {
    @Test
    void expandsToATopic() {
        TopicTemplate template = new TopicTemplate("apps/{appId}/users/{userId}");

        assertThat(template.variables()).containsExactly("appId", "userId");
        assertThat(template.expand(Map.of("appId", "shop", "userId", "u 1".replace(' ', '-')))).isEqualTo(new Topic("apps/shop/users/u-1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "*", "**", "hark.x", "$x", "a b", "a\nb"})
    void refusesAValueThatWouldReachAnotherTopic(String value) {
        assertThatExceptionOfType(InvalidEventException.class)
                .isThrownBy(() -> new TopicTemplate("users/{id}").expand(Map.of("id", value)));
    }

    @Test
    void refusesAMissingValue() {
        assertThatExceptionOfType(InvalidEventException.class)
                .isThrownBy(() -> new TopicTemplate("users/{id}").expand(Map.of()))
                .withMessage("path variable {id} is blank");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a//b", "a/*", "a/{b", "a/x{b}", "hark.a", "a b"})
    void refusesWhatIsNoTopic(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new TopicTemplate(text));
    }
}
