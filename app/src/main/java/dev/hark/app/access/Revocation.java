package dev.hark.app.access;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tokens or a key that do not hold any more, whatever they say. What is null is not looked at.
 *
 * @param tokenId      {@code jti}
 * @param issuer       the name of the issuer in the configuration
 * @param subject      {@code sub}
 * @param key          the name of a key in the configuration
 * @param issuedBefore {@code iat} is before; a token without it was issued before anything
 * @param until        when the last token that it could concern has expired
 */
public record Revocation(
        @Nullable String tokenId,
        @Nullable String issuer,
        @Nullable String subject,
        @Nullable String key,
        @Nullable Instant issuedBefore,
        Instant until) {
    /** @throws IllegalArgumentException if it says nothing, or things that do not go together */
    public Revocation {
        if (key != null) {
            if (tokenId != null || issuer != null || subject != null || issuedBefore != null) {
                throw new IllegalArgumentException("a key is revoked by its name alone");
            }
        } else if (tokenId == null && issuer == null) {
            throw new IllegalArgumentException("one of tokenId, issuer and key is needed");
        } else if (subject != null && issuer == null) {
            throw new IllegalArgumentException("a subject is one of an issuer: both are needed");
        }
    }

    /** Whether {@code caller} has no rights any more. */
    boolean concerns(Caller caller) {
        return switch (caller) {
            case Caller.Service service -> service.name().equals(key);
            case Caller.Bearer bearer -> key == null
                    && (tokenId == null || bearer.tokenId().equals(Optional.of(tokenId)))
                    && (issuer == null || issuer.equals(bearer.issuer()))
                    && (subject == null || subject.equals(bearer.subject()))
                    && (issuedBefore == null || bearer.issuedAt().map(at -> at.isBefore(issuedBefore)).orElse(true));
            case Caller.Anonymous anonymous -> false;
            case Caller.Anybody anybody -> false;
        };
    }

    /** Whether no token that it could concern can hold any more. */
    boolean isOver(Instant now) {
        return !now.isBefore(until);
    }

    /** What takes it back. */
    Revocation takenBack() {
        return new Revocation(tokenId, issuer, subject, key, issuedBefore, Instant.EPOCH);
    }

    /** What tells it from others: of two that say the same, the later one counts. */
    String id() {
        return key != null ? "key:" + key : "token:" + text(tokenId) + ":" + text(issuer) + ":" + text(subject) + ":" + text(issuedBefore);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "*" : value.toString();
    }
}
