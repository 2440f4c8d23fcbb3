package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.drive.CredentialSettings.Given;
import dev.hark.load.drive.CredentialSettings.Signing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    private static final Node NODE = new Node(InetSocketAddress.createUnresolved("127.0.0.1", 8080), "127.0.0.1:8080");

    private static final String SECRET = "a secret of more than 32 characters, for tests";

    @TempDir
    Path folder;

    private Signing signing(@Nullable String file, @Nullable String issuer) {
        return new Signing(file, issuer, "hark", "load-", Duration.ofMinutes(5));
    }

    private Path secret(String text) throws IOException {
        return Files.writeString(folder.resolve("secret"), text);
    }

    private static Given given(String option, @Nullable String token, @Nullable String file) {
        return new Given(option, token, file);
    }

    private static Given nothing() {
        return given("--token", null, null);
    }

    private Target signed(boolean tickets) throws IOException {
        return Target.hark("http://127.0.0.1:8080").with(new CredentialSettings(
                nothing(), signing(secret(SECRET + "\n").toString(), "https://dev.example"), tickets, nothing()).read());
    }

    private static String text(byte[] request) {
        return new String(request, StandardCharsets.UTF_8);
    }

    private static String token(String request) {
        String line = request.lines().filter(each -> each.startsWith("Authorization: Bearer ")).findFirst().orElseThrow();
        return line.substring("Authorization: Bearer ".length());
    }

    private static JsonNode claims(String token) throws IOException {
        return new ObjectMapper().readTree(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
    }

    @Test
    void eachStreamHasATokenOfItsOwn() throws IOException, GeneralSecurityException {
        String token = token(text(signed(false).subscribeRequest(NODE, 7, "t/1", "e-9")));

        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        int dot = token.lastIndexOf('.');
        assertThat(Base64.getUrlDecoder().decode(token.substring(dot + 1)))
                .isEqualTo(mac.doFinal(token.substring(0, dot).getBytes(StandardCharsets.US_ASCII)));
        JsonNode claims = claims(token);
        assertThat(claims.path("sub").asText()).isEqualTo("load-7");
        assertThat(claims.path("iss").asText()).isEqualTo("https://dev.example");
        assertThat(claims.path("aud").asText()).isEqualTo("hark");
        assertThat(claims.path("hark").toString()).isEqualTo("{\"subscribe\":[\"t/1\"]}");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(300);
        assertThat(claims.path("iat").asLong()).isCloseTo(Instant.now().getEpochSecond(), org.assertj.core.data.Offset.offset(60L));
        assertThat(text(signed(false).subscribeRequest(NODE, 7, "t/1", "e-9"))).contains("\r\nLast-Event-ID: e-9\r\n");
    }

    @Test
    void aPublisherMayPublishToAllOfTheRunsTopics() throws IOException {
        Target target = signed(false);
        List<String> lines = target.publisherLines(List.of("load/a/0", "load/a/1"));

        assertThat(claims(token(lines.getFirst())).path("hark").toString()).isEqualTo("{\"publish\":[\"load/a/*\"]}");
        assertThat(claims(token(target.publisherLines(List.of("load")).getFirst())).path("hark").toString())
                .isEqualTo("{\"publish\":[\"load\"]}");
        assertThat(text(target.publishStart(NODE, "load/a/0", 1, lines))).contains("\r\n" + lines.getFirst() + "\r\n");
        assertThat(text(target.batchHead(NODE, 1, lines))).contains("\r\n" + lines.getFirst() + "\r\n", "ndjson");
    }

    @Test
    void aTicketIsAskedForWithATokenAndStandsInItsPlace() throws IOException {
        Target target = signed(true);
        String ask = text(target.ticketRequest(NODE, 3, "t"));
        String open = text(target.subscribeRequest(NODE, new Target.Ticket("s3cret"), "t", "e-1"));

        assertThat(ask).startsWith("POST /tickets HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: 0\r\n").endsWith("\r\n\r\n");
        assertThat(claims(token(ask)).path("sub").asText()).isEqualTo("load-3");
        assertThat(open).startsWith("GET /topics/t?ticket=s3cret HTTP/1.1\r\n").contains("Last-Event-ID: e-1")
                .doesNotContain("Authorization");
        assertThat(new Target.Ticket("s3cret").toString()).doesNotContain("s3cret");
    }

    @Test
    void oneTokenIsForAllAndAnotherForPublishing() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "from-a-file\n");
        Credentials credentials = new CredentialSettings(
                given("--token", null, file.toString()), signing(null, null), false, given("--publish-token", "a-key", null)).read();
        Target target = Target.hark("http://127.0.0.1:8080").with(credentials);

        assertThat(text(target.subscribeRequest(NODE, 1, "t", null))).contains("\r\nAuthorization: Bearer from-a-file\r\n");
        assertThat(target.publisherLines(List.of("t"))).containsExactly("Authorization: Bearer a-key");
        assertThat(credentials.inWords()).isEqualTo("streams with a token for all, publishing with a token for all");
        assertThat(target.toString()).doesNotContain("from-a-file", "a-key");
        assertThat(given("--publish-token", "a-key", null)).hasToString("--publish-token ...");
    }

    @Test
    void printsNoSecret() throws IOException {
        Target target = signed(true);

        assertThat(target.credentials().inWords()).isEqualTo(
                "streams with a token for each (HS256 tokens of https://dev.example), by tickets,"
                + " publishing with a token for each (HS256 tokens of https://dev.example)");
        assertThat(target.toString()).doesNotContain(SECRET);
        assertThat(Credentials.NONE.inWords()).isEmpty();
    }

    @Test
    void refusesWhatDoesNotGoTogether() throws IOException {
        String file = secret(SECRET).toString();
        assertRefused("--token and --token-file", given("--token", "a", file), signing(null, null), false);
        assertRefused("--token and --token-secret", given("--token", "a", null), signing(file, "i"), false);
        assertRefused("--token-secret needs --token-issuer", nothing(), signing(file, null), false);
        assertRefused("--token-issuer makes no token", nothing(), signing(null, "i"), false);
        assertRefused("--tickets needs a token", nothing(), signing(null, null), true);
        assertRefused("cannot be read (NoSuchFileException)", nothing(), signing(file + "-none", "i"), false);
        assertRefused("has 5 bytes; HS256 needs 32", nothing(), signing(secret("short").toString(), "i"), false);
        assertRefused("is PEM", nothing(), signing(secret("-----BEGIN PUBLIC KEY-----\nxxxxxxxxxxxxxxxxxx").toString(), "i"), false);
        assertThatThrownBy(() -> new CredentialSettings(given("--token", "s3 cret", null), signing(null, null), false, nothing()).read())
                .hasMessage("--token: the token is empty, or has characters that no token or key has");

        Credentials shared = new Credentials(new Credentials.Bearer.Shared("a"), new Credentials.Bearer.Shared("a"), false);
        Target header = Target.of(Target.Profile.HARK, "http://127.0.0.1:1", RequestSettings.NONE, RequestSettings.NONE,
                List.of("authorization: Bearer b"));
        assertThatThrownBy(() -> header.with(shared)).hasMessageContaining("leave one out");
        Target generic = Target.of(Target.Profile.GENERIC, "http://127.0.0.1:1", new RequestSettings(null, "/s", List.of(), null),
                new RequestSettings(null, "/p", List.of(), null), List.of());
        assertThat(generic.with(shared).credentials()).isEqualTo(shared);
        assertThatThrownBy(() -> generic.with(signed(false).credentials())).hasMessageContaining("for target 'hark'");
        Target ticketed = signed(true);
        assertThatThrownBy(() -> new ChurnPlan(ticketed, "t", 1, 1, Duration.ofSeconds(1), Duration.ZERO, List.of()))
                .hasMessageContaining("--tickets is for a fan-out");
    }

    private void assertRefused(String words, Given all, Signing signing, boolean tickets) {
        assertThatThrownBy(() -> new CredentialSettings(all, signing, tickets, nothing()).read())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(words);
    }
}
