package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.FilterTemplate;
import dev.hark.app.config.IssuerSettings;
import dev.hark.app.config.Rights;
import dev.hark.event.Filters;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
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
            Credentials ticket = ticket(access.ticket(access.identify(token), Optional.empty()));
            Credentials other = ticket(access.ticket(access.identify(token), Optional.empty()));

            access.prepare(inFile("users/{sub}/**")).run();
            assertThat(access.identify(ticket).caller()).as("nothing has changed").hasToString("token of shop for 'ann'");

            access.prepare(inFile("public/{sub}")).run();
            assertThatThrownBy(() -> access.identify(other)).isInstanceOf(AccessException.class);
            access.requireSubscribe(access.identify(token), Filters.of("public/ann"));
        }
    }

    private static Credentials ticket(Ticket ticket) {
        return new Credentials(List.of(), List.of(ticket.text()), List.of(), List.of(), Optional.empty());
    }
}
