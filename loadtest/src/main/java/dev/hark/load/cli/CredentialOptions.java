package dev.hark.load.cli;

import dev.hark.load.drive.CredentialSettings;
import dev.hark.load.drive.CredentialSettings.Given;
import dev.hark.load.drive.CredentialSettings.Signing;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who streams and publishers are. */
final class CredentialOptions {
    @Option(names = "--token", paramLabel = "TOKEN",
            description = "a token or a key that goes with every request (Authorization: Bearer); others on the machine can see it here")
    @Nullable String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "the same, from a file")
    @Nullable String tokenFile;

    @Option(names = "--token-secret", paramLabel = "FILE",
            description = "for hark: each stream has a token of its own, made here and signed with this secret (HS256), as that of an"
                    + " issuer in the hub's configuration; it lets subscribe to the stream's topic and nothing else")
    @Nullable String tokenSecret;

    @Option(names = "--token-issuer", paramLabel = "ISS", description = "what these tokens say who made them (iss)")
    @Nullable String tokenIssuer;

    @Option(names = "--token-audience", paramLabel = "AUD", defaultValue = "hark",
            description = "whom they are for (default: ${DEFAULT-VALUE})")
    String tokenAudience = "";

    @Option(names = "--token-subject", paramLabel = "PREFIX", defaultValue = "load-",
            description = "what their subjects begin with; the stream's number follows (default: ${DEFAULT-VALUE})")
    String tokenSubject = "";

    @Option(names = "--token-age", paramLabel = "TIME", defaultValue = "24h",
            description = "how long they hold; a stream that ends with its token comes back with a new one (default: ${DEFAULT-VALUE})")
    Duration tokenAge = Duration.ZERO;

    @Option(names = "--tickets",
            description = "for hark: each stream gets a ticket with its token, and opens and comes back with one (?ticket=), as pages do")
    boolean tickets;

    @Option(names = "--publish-token", paramLabel = "TOKEN",
            description = "a token or a key for publishing only (default: as the streams)")
    @Nullable String publishToken;

    @Option(names = "--publish-token-file", paramLabel = "FILE", description = "the same, from a file")
    @Nullable String publishTokenFile;

    CredentialSettings settings() {
        return new CredentialSettings(
                new Given("--token", token, tokenFile),
                new Signing(tokenSecret, tokenIssuer, tokenAudience, tokenSubject, tokenAge),
                tickets,
                new Given("--publish-token", publishToken, publishTokenFile));
    }
}
