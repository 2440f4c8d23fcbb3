package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All that a process says, from its start to its end: none of the secrets that came in, and no line that a caller wrote. */
@Timeout(120)
class SecretsInLogsIT {
    private static final String SECRET = "the-secret-of-an-issuer-which-nobody-may-read";
    private static final String KEY = ApiKey.create();
    private static final String FORGED = "forged-line";
    private static final Pattern ADMIN = Pattern.compile("metrics: (http://[^)\\s]+)");

    /** What an attacker puts where text is logged, to begin a line of his own. */
    private static final List<String> BREAKS = List.of("\n", "\r\n", "\r", "\u2028", "\u0085", "\u001b[2J", "\u0000", "\u202e");

    @TempDir
    private Path folder;

    private final List<String> secrets = new ArrayList<>(List.of(SECRET, KEY));

    private String token(String subject, String tokenId) throws JOSEException {
        Instant now = Instant.now();
        var token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k" + subject).build(), new JWTClaimsSet.Builder()
                .issuer("https://shop.example.com").audience("hark").subject(subject).jwtID(tokenId)
                .expirationTime(Date.from(now.plusSeconds(600))).build());
        token.sign(new MACSigner(SECRET));
        String text = token.serialize();
        // Any part of it would do harm, but for its header.
        secrets.add(text.substring(text.indexOf('.') + 1, text.lastIndexOf('.')));
        secrets.add(text.substring(text.lastIndexOf('.') + 1));
        return text;
    }

    private static Answer ask(URI hub, String method, String target, String body, String... headers) {
        var all = new ArrayList<>(List.of(headers));
        if (!body.isEmpty()) {
            all.add("Content-Length: " + body.length());
        }
        try (Wire wire = Wire.connect(hub)) {
            return wire.request(method, target, all.toArray(String[]::new)).send(body).answer();
        }
    }

    private Program start(Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        return Program.start(folder, 1, List.of(),
                "--set", "server.port=0", "--set", "admin.port=0", "--set", "log.kind=memory",
                "--set", "auth.cookie=session", "--set", "auth.query-token=true",
                "--set", "auth.issuers.0.name=shop", "--set", "auth.issuers.0.issuer=https://shop.example.com",
                "--set", "auth.issuers.0.algorithms.0=HS256", "--set", "auth.issuers.0.key-file=" + secret,
                "--set", "auth.issuers.0.grants.subscribe.0=users/{sub}/**",
                "--set", "auth.keys.0.name=backend", "--set", "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY),
                "--set", "auth.keys.0.publish.0=**");
    }

    @Test
    void holdNoneAndNoLineOfACaller() throws Exception {
        Program program = start(folder);
        try {
            URI hub = program.awaitUri();
            come(hub);
            attack(hub);
            Matcher admin = ADMIN.matcher(program.out());
            assertThat(admin.find()).as(program.out()).isTrue();
            URI operators = URI.create(admin.group(1));
            assertThat(ask(operators, "POST", "/api/revocations", "{\"tokenId\":\"a\\n" + FORGED + "\"}").status()).isEqualTo(201);
            assertThat(ask(operators, "POST", "/api/reload", "").status()).isEqualTo(200);
        } finally {
            program.terminate();
        }
        assertThat(program.awaitExit()).isZero();
        String said = program.out() + program.err();
        assertThat(said).as("what was refused is told").contains("refused ");
        secrets.forEach(secret -> assertThat(said).doesNotContain(secret));
        assertThat(said.lines().filter(line -> line.strip().startsWith(FORGED))).isEmpty();
        assertThat(said.chars().filter(c -> Character.isISOControl(c) && c != '\n' && c != '\t')).as("controls").isEmpty();
    }

    /** Those whose credentials hold. */
    private void come(URI hub) throws JOSEException {
        assertThat(ask(hub, "POST", "/topics/a", "x", "Authorization: Bearer " + KEY).status()).isEqualTo(201);
        String alice = token("alice", "1");
        Answer answer = ask(hub, "POST", "/tickets", "", "Authorization: Bearer " + alice);
        assertThat(answer.status()).isEqualTo(201);
        String ticket = answer.json("ticket");
        secrets.add(ticket);
        for (String target : List.of("?ticket=" + ticket, "?ticket=" + ticket, "?access_token=" + alice)) {
            int status = ask(hub, "GET", "/topics/users/alice/a" + target, "", "Accept: application/json").status();
            assertThat(status).as(target).isIn(200, 401);
        }
        assertThat(ask(hub, "GET", "/topics/users/alice/a", "", "Accept: application/json", "Cookie: session=" + alice).status())
                .isEqualTo(200);
        assertThat(ask(hub, "GET", "/topics/users/bob/a", "", "Accept: application/json", "Cookie: session=" + alice).status())
                .isEqualTo(403);
    }

    /** Those whose credentials do not, and who would write into the log. */
    private void attack(URI hub) throws JOSEException {
        for (String lineEnd : BREAKS) {
            String token = token("x" + lineEnd + FORGED, "id" + lineEnd + FORGED);
            assertThat(ask(hub, "POST", "/topics/a", "x", "Authorization: Bearer " + token).status()).isEqualTo(403);
            String broken = token.substring(0, token.length() - 4) + "AAAA";
            assertThat(ask(hub, "POST", "/topics/a", "x", "Authorization: Bearer " + broken).status()).isEqualTo(401);
            ask(hub, "POST", "/topics/a%0A" + FORGED, "x", "Authorization: Bearer " + KEY + "x");
        }
        secrets.add(KEY + "x");
        ask(hub, "GET", "/topics/a?access_token=" + KEY + "&ticket=" + KEY, "");
        ask(hub, "GET", "/topics/a?ticket=" + KEY + "\u000b" + FORGED, "");
        ask(hub, "BREW", "/topics/a?access_token=" + KEY, "");
    }
}
