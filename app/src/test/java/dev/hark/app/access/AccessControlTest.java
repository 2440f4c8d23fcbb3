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
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessControlTest {
    private static final String KEY = ApiKey.create();
    private static final Rights PUBLIC = new Rights(List.of(), List.of(new TopicFilter("public/**")));
    private static final Rights ORDERS = new Rights(List.of(new TopicFilter("orders/**")), List.of());

    private final AccessControl access = new AccessControl(
            settings(false, PUBLIC, new KeySettings("shop", ApiKey.hash(KEY), "", ORDERS, false, 7)),
            Clock.systemUTC());

    private static AuthSettings settings(boolean open, Rights anonymous, KeySettings... keys) {
        return new AuthSettings(open, anonymous, List.of(), List.of(keys), "", false, Duration.ofMinutes(1), Duration.ofDays(1));
    }

    private static Credentials header(String... values) {
        return Credentials.of(List.of(values));
    }

    private static void assertRefused(Runnable attempt, Kind kind) {
        assertThatThrownBy(attempt::run).isInstanceOfSatisfying(AccessException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void aKeyLetsDoWhatItsRightsSay() {
        Grant grant = access.identify(header("Bearer " + KEY));
        assertThat(grant.caller()).hasToString("key shop");
        access.requirePublish(grant, new Topic("orders/1"));
        assertRefused(() -> access.requirePublish(grant, new Topic("other")), Kind.FORBIDDEN);
        assertRefused(() -> access.requireSubscribe(grant, Filters.of("public/news")), Kind.FORBIDDEN);
        assertThat(access.identify(header("bearer " + KEY)).caller()).as("RFC 9110, section 11.1").hasToString("key shop");
    }

    @Test
    void withoutACredentialThereIsWhatAnonymousMayDo() {
        Grant grant = access.identify(header());
        access.requireSubscribe(grant, Filters.of("public/news"));
        assertRefused(() -> access.requireSubscribe(grant, Filters.of("orders/1")), Kind.MISSING);
        assertRefused(() -> access.requirePublish(grant, new Topic("public/news")), Kind.MISSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "Bearer x", "Basic eDp5", "x", "Bearer hark_", "Bearer  "})
    void aCredentialThatIsNoneIsRefusedEvenWhereNoneIsNeeded(String authorization) {
        assertRefused(() -> access.identify(header(authorization)), Kind.INVALID);
    }

    @Test
    void twoDifferentCredentialsAreNoCredential() {
        assertRefused(() -> access.identify(header("Bearer " + KEY, "Bearer x")), Kind.MALFORMED);
        assertThat(access.identify(header("Bearer " + KEY, "Bearer " + KEY)).caller()).hasToString("key shop");
    }

    @Test
    void aHubThatSaysNothingOfAnybodyOrIsOpenLetsAll() {
        for (AuthSettings settings : List.of(
                settings(false, Rights.NONE),
                settings(true, PUBLIC))) {
            AccessControl open = new AccessControl(settings, Clock.systemUTC());
            Grant grant = open.identify(header("Bearer whatever"));
            open.requirePublish(grant, new Topic("a"));
            open.requireSubscribe(grant, Filters.of("**"));
        }
    }

    @Test
    void anAdministratorHasAKeyThatSaysSo() {
        String ops = ApiKey.create();
        for (boolean isOpen : List.of(true, false)) {
            AccessControl control = new AccessControl(settings(isOpen, PUBLIC,
                    new KeySettings("shop", ApiKey.hash(KEY), "", Rights.ALL, false, 0),
                    new KeySettings("ops", ApiKey.hash(ops), "", Rights.NONE, true, 0)), Clock.systemUTC());
            control.requireAdmin(header("Bearer " + ops));
            assertRefused(() -> control.requireAdmin(header("Bearer " + KEY)), Kind.FORBIDDEN);
            assertRefused(() -> control.requireAdmin(header("Bearer " + ops + "x")), Kind.INVALID);
            assertRefused(() -> control.requireAdmin(header("Bearer " + ApiKey.hash(ops))), Kind.INVALID);
            assertRefused(() -> control.requireAdmin(header()), Kind.MISSING);
            assertRefused(() -> control.requireAdmin(header("Bearer " + ops, "Bearer x")), Kind.MALFORMED);
        }
    }

    @Test
    void oneCallerDoesNotTakeAllTickets() {
        String other = ApiKey.create();
        AccessControl control = new AccessControl(settings(false, PUBLIC,
                new KeySettings("shop", ApiKey.hash(KEY), "", Rights.ALL, false, 0),
                new KeySettings("other", ApiKey.hash(other), "", Rights.ALL, false, 0)), Clock.systemUTC());
        for (int i = 0; i < Tickets.MAX_OF_ONE; i++) {
            String used = control.ticket(header("Bearer " + KEY), Optional.empty()).text();
            var ticket = new Credentials(List.of(), List.of(used), List.of(), List.of(), Optional.empty());
            control.release(control.hold(ticket, Filters.of("a")));
        }
        for (int i = 0; i < Tickets.MAX_OF_ONE; i++) {
            control.ticket(header("Bearer " + KEY), Optional.empty());
        }
        assertRefused(() -> control.ticket(header("Bearer " + KEY), Optional.empty()), Kind.UNAVAILABLE);
        assertThat(control.ticket(header("Bearer " + other), Optional.empty()).text()).isNotEmpty();
    }

    @Test
    void keysDifferAndShowWhatTheyAre() {
        assertThat(KEY).matches("hark_[A-Za-z0-9_-]{43}").isNotEqualTo(ApiKey.create());
    }
}
