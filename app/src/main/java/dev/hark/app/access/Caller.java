package dev.hark.app.access;

import java.time.Instant;
import java.util.Optional;

/** Who a request comes from. What {@link Object#toString} says of one goes into logs; none of it is a secret. */
public sealed interface Caller {
    /** Which callers share what is counted, idempotency keys and limits: unique among all callers of a hub. */
    String id();

    /** Whether it showed a credential, by which it is counted wherever it comes from; others are counted by their addresses. */
    default boolean isNamed() {
        return switch (this) {
            case Anybody anybody -> false;
            case Anonymous anonymous -> false;
            case Service service -> true;
            case Bearer bearer -> true;
        };
    }

    /** Where everybody may do everything, nobody is asked. */
    record Anybody() implements Caller {
        @Override
        public String id() {
            return "";
        }

        @Override
        public String toString() {
            return "anybody";
        }
    }

    /** One without a credential. */
    record Anonymous() implements Caller {
        @Override
        public String id() {
            return "anonymous";
        }

        @Override
        public String toString() {
            return "anonymous";
        }
    }

    /** @param name of its key in the configuration */
    record Service(String name) implements Caller {
        @Override
        public String id() {
            return "key " + name;
        }

        @Override
        public String toString() {
            return id();
        }
    }

    /**
     * The bearer of a token.
     *
     * @param issuer   the name of its issuer in the configuration
     * @param subject  {@code sub} (RFC 7519, section 4.1.2); empty where the token has none, and then all of an issuer's are one
     * @param tokenId  {@code jti}
     * @param issuedAt {@code iat}
     */
    record Bearer(String issuer, String subject, Optional<String> tokenId, Optional<Instant> issuedAt) implements Caller {
        @Override
        public String id() {
            return "token " + issuer + ' ' + subject;
        }

        @Override
        public String toString() {
            return "token of " + issuer + " for '" + subject + "'" + tokenId.map(id -> " (" + id + ")").orElse("");
        }
    }
}
