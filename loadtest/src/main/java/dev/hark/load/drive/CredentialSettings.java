package dev.hark.load.drive;

import dev.hark.load.drive.Credentials.Bearer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was said about credentials, on a command line or in a scenario.
 *
 * @param all for every request that has none of its own
 * @param signing how tokens are made, where they are
 * @param tickets whether streams open with tickets
 * @param publishing for what publishes
 */
public record CredentialSettings(Given all, Signing signing, boolean tickets, Given publishing) {
    private static final int MAX_BYTES = 64 << 10;

    /**
     * A token or a key, or the file where it stands.
     *
     * @param option its option, for messages; that of the file has {@code -file} behind it
     */
    public record Given(String option, @Nullable String token, @Nullable String file) {
        private Optional<Bearer> bearer() {
            if (token != null && file != null) {
                throw new IllegalArgumentException(option + " and " + option + "-file say two things; leave one out");
            }
            String text = token != null ? token : file == null ? null : new String(content(option + "-file", file), StandardCharsets.UTF_8);
            try {
                return Optional.ofNullable(text).map(String::strip).map(Bearer.Shared::new);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException((token != null ? option : option + "-file " + file) + ": " + e.getMessage(), e);
            }
        }

        /** Not the token. */
        @Override
        public String toString() {
            return option + (token != null ? " ..." : "-file " + file);
        }
    }

    /**
     * How tokens are made.
     *
     * @param secretFile where the secret stands; null where none are made
     * @param issuer their {@code iss}
     * @param audience their {@code aud}
     * @param subject what their {@code sub} begins with
     * @param age how long those of streams hold
     */
    public record Signing(@Nullable String secretFile, @Nullable String issuer, String audience, String subject, Duration age) {
        private Optional<Bearer> bearer() {
            if (secretFile == null) {
                if (issuer != null) {
                    throw new IllegalArgumentException("--token-issuer makes no token by itself: --token-secret says with what to sign");
                }
                return Optional.empty();
            }
            if (issuer == null) {
                throw new IllegalArgumentException(
                        "--token-secret needs --token-issuer: what `iss` is to say, such as https://dev.example");
            }
            byte[] secret = withoutLineEnd(content("--token-secret", secretFile));
            if (new String(secret, StandardCharsets.ISO_8859_1).startsWith("-----BEGIN")) {
                throw new IllegalArgumentException("--token-secret " + secretFile + " is PEM, and so no secret; HS256 signs with one");
            }
            try {
                return Optional.of(new Bearer.Own(new SignedTokens(SignedTokens.key(secret), issuer, audience, subject, age)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--token-secret " + secretFile + ": " + e.getMessage(), e);
            }
        }

        /** As the hub reads it: what editors put at the end of a file is not part of a secret. */
        private static byte[] withoutLineEnd(byte[] content) {
            int end = content.length;
            while (end > 0 && (content[end - 1] == '\n' || content[end - 1] == '\r')) {
                end--;
            }
            return Arrays.copyOf(content, end);
        }
    }

    /** @throws IllegalArgumentException if a file cannot be read, or two things are said; the message names the option, and no secret */
    public Credentials read() {
        Optional<Bearer> given = all.bearer();
        Optional<Bearer> made = signing.bearer();
        if (given.isPresent() && made.isPresent()) {
            throw new IllegalArgumentException("--token and --token-secret say two things; leave one out");
        }
        Bearer streams = given.or(() -> made).orElseGet(Bearer.Nobody::new);
        return new Credentials(streams, publishing.bearer().orElse(streams), tickets);
    }

    private static byte[] content(String option, String file) {
        try {
            Path path = Path.of(file);
            if (Files.size(path) > MAX_BYTES) {
                throw new IllegalArgumentException(option + " " + file + " is larger than any token or secret");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new IllegalArgumentException(option + " " + file + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }
}
