package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {
    @Test
    void knowsItsSegmentsAndVariables() {
        PathTemplate template = new PathTemplate("/api/{appId}/x.y/{userId}");

        assertThat(template.segments()).containsExactly("api", "{appId}", "x.y", "{userId}");
        assertThat(template.variables()).containsExactly("appId", "userId");
        assertThat(template.shape()).isEqualTo("/api/{}/x.y/{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "api", "/api/", "//api", "/a b", "/a/{}", "/a/{1}", "/a/x{b}",
            "/a/{b}c", "/a/*", "/a?b", "/a#b", "/a%20", "/a/../b", "/a/{b}/{b}", "/a/{b", "/ä"})
    void refusesWhatIsNoPath(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new PathTemplate(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/topics", "/topics/a", "/events", "/events/x", "/client/x", "/demo", "/problems/x", "/{any}", "/{any}/a"})
    void refusesToHideTheHubsOwnPaths(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new PathTemplate(text)).withMessageContaining("hub's own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/topics2", "/event", "/api/topics", "/a/{topics}"})
    void takesWhatOnlyLooksLikeThem(String text) {
        assertThat(new PathTemplate(text).text()).isEqualTo(text);
    }
}
