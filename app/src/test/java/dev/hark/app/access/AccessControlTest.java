package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.KeySettings;
import dev.hark.app.config.Rights;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessControlTest {
    private static final String KEY = ApiKey.create();
    private static final Rights PUBLIC = new Rights(List.of(), List.of(new TopicFilter("public/**")));
    private static final Rights ORDERS = new Rights(List.of(new TopicFilter("orders/**")), List.of());

    private final AccessControl access =
            AccessControl.of(new AuthSettings(false, PUBLIC, List.of(new KeySettings("shop", ApiKey.hash(KEY), ORDERS, 7))));

    private static void assertRefused(Runnable attempt, Kind kind) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(AccessException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void aKeyLetsDoWhatItsRightsSay() {
        Grant grant = access.identify(List.of("Bearer " + KEY));
        assertThat(grant.caller()).hasToString("key shop");
        access.requirePublish(grant, new Topic("orders/1"));
        assertRefused(() -> access.requirePublish(grant, new Topic("other")), Kind.FORBIDDEN);
        assertRefused(() -> access.requireSubscribe(grant, Filters.of("public/news")), Kind.FORBIDDEN);
        assertThat(access.identify(List.of("bearer " + KEY)).caller()).as("RFC 9110, section 11.1").hasToString("key shop");
    }

    @Test
    void withoutACredentialThereIsWhatAnonymousMayDo() {
        Grant grant = access.identify(List.of());
        access.requireSubscribe(grant, Filters.of("public/news"));
        assertRefused(() -> access.requireSubscribe(grant, Filters.of("orders/1")), Kind.MISSING);
        assertRefused(() -> access.requirePublish(grant, new Topic("public/news")), Kind.MISSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "Bearer x", "Basic eDp5", "x", "Bearer hark_", "Bearer  "})
    void aCredentialThatIsNoneIsRefusedEvenWhereNoneIsNeeded(String authorization) {
        assertRefused(() -> access.identify(List.of(authorization)), Kind.INVALID);
    }

    @Test
    void twoDifferentCredentialsAreNoCredential() {
        assertRefused(() -> access.identify(List.of("Bearer " + KEY, "Bearer x")), Kind.MALFORMED);
        assertThat(access.identify(List.of("Bearer " + KEY, "Bearer " + KEY)).caller()).hasToString("key shop");
    }

    @Test
    void aHubThatSaysNothingOfAnybodyOrIsOpenLetsAll() {
        for (AuthSettings settings : List.of(
                new AuthSettings(false, Rights.NONE, List.of()),
                new AuthSettings(true, PUBLIC, List.of()))) {
            AccessControl open = AccessControl.of(settings);
            Grant grant = open.identify(List.of("Bearer whatever"));
            open.requirePublish(grant, new Topic("a"));
            open.requireSubscribe(grant, Filters.of("**"));
        }
    }

    @Test
    void keysDifferAndShowWhatTheyAre() {
        assertThat(KEY).matches("hark_[A-Za-z0-9_-]{43}").isNotEqualTo(ApiKey.create());
    }
}
