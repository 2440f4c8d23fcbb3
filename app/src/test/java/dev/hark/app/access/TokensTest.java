package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.FilterTemplate;
import dev.hark.app.config.IssuerSettings;
import dev.hark.app.config.Rights;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that are known already: what becomes of them when their time, their issuer's keys or its settings change. */
class TokensTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicLong nanos = new AtomicLong();
    private IssuedTokens issued;
    private Path keyFile;

    @BeforeEach
    void start(@TempDir Path folder) {
        issued = new IssuedTokens(folder);
        keyFile = folder.resolve("shop.json");
    }

    private static AuthSettings settings(IssuerSettings.Keys keys, String subscribe) {
        var issuer = new IssuerSettings("shop", IssuedTokens.ISSUER, "hark", List.of("ES256"), keys, "hark", List.of(),
                List.of(new FilterTemplate(subscribe)));
        return new AuthSettings(false, Rights.NONE, List.of(issuer), List.of(), "", false, Duration.ofMinutes(1), Duration.ofDays(1));
    }

    private AuthSettings inFile(String subscribe) {
        return settings(new IssuerSettings.Keys(Optional.empty(), Optional.of(keyFile)), subscribe);
    }

    private static AuthSettings at(URI address) {
        return settings(new IssuerSettings.Keys(Optional.of(address), Optional.empty()), "users/{sub}/**");
    }

    @Test
    void aTokenThatIsKnownEndsAtItsTime() {
        try (Tokens tokens = new Tokens(inFile("users/{sub}/**"), issued.clock(), null)) {
            String token = issued.sign("ann", Duration.ofSeconds(10));
            assertThat(tokens.grant(token)).isSameAs(tokens.grant(token));
            issued.pass(Duration.ofMillis(9_999));
            assertThat(tokens.grant(token).until()).isEqualTo(issued.now().plusMillis(1));
            issued.pass(Duration.ofMillis(1));
            assertThatThrownBy(() -> tokens.grant(token)).isInstanceOf(AccessException.class);
        }
    }

    /** It alone is sent: nothing else has the keys looked at. */
    @Test
    void aTokenThatIsKnownEndsWithTheKeyThatItsIssuerTakesAway() throws Exception {
        JWK key = JWK.parse(Files.readString(keyFile));
        try (JwksServer server = JwksServer.start(JwksServer.keys(key));
                Tokens tokens = new Tokens(at(server.uri()), issued.clock(), nanos::get, null)) {
            tokens.start();
            String token = issued.sign("ann", Duration.ofHours(10));
            assertThat(tokens.grant(token).caller()).hasToString("token of shop for 'ann'");
            server.does(JwksServer.keys(JwksServer.key("another")));
            nanos.addAndGet(Duration.ofMinutes(11).toNanos());
            await().atMost(PATIENCE).until(() -> catchThrowable(() -> tokens.grant(token)) instanceof AccessException e
                    && e.kind() == Kind.INVALID);
            assertThat(server.requests()).isEqualTo(2);
        }
    }

    /** Otherwise it would open a stream with what its issuer let do before. */
    @Test
    void aTicketEndsWhenTheSettingsOfItsIssuerChange() {
        try (var access = new AccessControl(inFile("users/{sub}/**"), issued.clock())) {
            Credentials token = Credentials.of(List.of("Bearer " + issued.sign("ann", Duration.ofHours(1))));
            Credentials ticket = ticket(access.ticket(token, Optional.empty()));
            Credentials other = ticket(access.ticket(token, Optional.empty()));

            access.prepare(inFile("users/{sub}/**")).run();
            assertThat(access.identify(ticket).caller()).as("nothing has changed").hasToString("token of shop for 'ann'");

            access.prepare(inFile("public/{sub}")).run();
            assertThatThrownBy(() -> access.identify(other)).isInstanceOf(AccessException.class);
            access.requireSubscribe(access.identify(token), Filters.of("public/ann"));
        }
    }

    /** One that was identified a moment before, and is registered a moment after. */
    @Test
    void whatAReloadComesBetweenIsDecidedAgain() {
        var reload = new AtomicReference<Runnable>(() -> {});
        InstantSource clock = () -> {
            // In the middle of a decision: the time is looked at with the token.
            reload.getAndSet(() -> {}).run();
            return issued.now();
        };
        try (var access = new AccessControl(inFile("users/{sub}/**"), clock)) {
            Credentials token = Credentials.of(List.of("Bearer " + issued.sign("ann", Duration.ofHours(1))));
            reload.set(access.prepare(inFile("users/{sub}/*")));
            Held held = access.hold(token, Filters.of("users/ann/a"));
            assertThat(held.grant().rights().subscribe()).as("of the new rules").containsExactly(new TopicFilter("users/ann/*"));
            assertThat(held.lease().isOver(issued.clock())).isFalse();
            access.release(held);

            reload.set(access.prepare(inFile("public/{sub}")));
            assertThatThrownBy(() -> access.hold(token, Filters.of("users/ann/a"))).isInstanceOfSatisfying(
                    AccessException.class, refusal -> assertThat(refusal.kind()).isEqualTo(Kind.FORBIDDEN));
            assertThat(access.held()).isZero();

            reload.set(access.prepare(inFile("users/{sub}/**")));
            Credentials ticket = ticket(access.ticket(token, Optional.empty()));
            assertThat(access.tickets()).isEqualTo(1);
            assertThatThrownBy(() -> access.hold(ticket, Filters.of("public/ann"))).isInstanceOf(AccessException.class);
            access.release(access.hold(ticket, Filters.of("users/ann/a")));
        }
    }

    @Test
    void aRightEndsWithTheKeyInAFileThatSignedItsToken() throws IOException {
        try (var access = new AccessControl(inFile("users/{sub}/**"), issued.clock())) {
            Credentials token = Credentials.of(List.of("Bearer " + issued.sign("ann", Duration.ofHours(1))));
            Held right = access.hold(token, Filters.of("users/ann/a"));
            JWK its = JWK.parse(Files.readString(keyFile));
            JWK other = JwksServer.key("other").toPublicJWK();
            Files.writeString(keyFile, new JWKSet(List.of(other, its)).toString());
            access.prepare(inFile("users/{sub}/**")).run();
            assertThat(right.lease().isOver(issued.clock())).as("another one beside it").isFalse();

            Files.writeString(keyFile, other.toString());
            access.prepare(inFile("users/{sub}/**")).run();
            assertThat(right.lease().isOver(issued.clock())).as("it is gone").isTrue();
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static Credentials ticket(Ticket ticket) {
        return new Credentials(List.of(), List.of(ticket.text()), List.of(), List.of(), Optional.empty());
    }
}
