package dev.hark.app.access;

import dev.hark.app.access.AccessException.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a request brings to show who it comes from.
 *
 * @param authorization the values of {@code Authorization} (RFC 6750, section 2.1)
 * @param tickets       those of {@code ?ticket=}
 * @param queryTokens   those of {@code ?access_token=} (RFC 6750, section 2.3)
 * @param cookies       those of the cookie that may hold a token
 * @param certificate   the SHA-256 of the client certificate that its connection has shown, in hexadecimal
 */
public record Credentials(
        List<String> authorization, List<String> tickets, List<String> queryTokens, List<String> cookies, Optional<String> certificate) {
    /** None. */
    public static final Credentials NONE = of(List.of());

    private static final String BEARER = "bearer ";

    /** Of a header alone. */
    public static Credentials of(List<String> authorization) {
        return new Credentials(authorization, List.of(), List.of(), List.of(), Optional.empty());
    }

    /** These with a client certificate. */
    public Credentials with(Optional<String> shown) {
        return new Credentials(authorization, tickets, queryTokens, cookies, shown);
    }

    /** One of them. */
    sealed interface Credential {
        /** A token or a key. */
        record Bearer(String text) implements Credential {}

        /** A ticket. */
        record Ticket(String text) implements Credential {}

        /** A client certificate, by its fingerprint. */
        record Certificate(String fingerprint) implements Credential {}
    }

    /**
     * The one that counts; empty where there is none.
     *
     * @throws AccessException if there are two that differ, or one that has no form of a credential
     */
    Optional<Credential> only() {
        List<Credential> explicit = Stream.of(
                authorization.stream().<Credential>map(value -> new Credential.Bearer(bearer(value))),
                tickets.stream().<Credential>map(Credential.Ticket::new),
                queryTokens.stream().<Credential>map(Credential.Bearer::new)).flatMap(each -> each).distinct().toList();
        // A browser adds its cookie to everything: it is not what the page chose, where that chose something.
        List<Credential> found =
                explicit.isEmpty() ? cookies.stream().<Credential>map(Credential.Bearer::new).distinct().toList() : explicit;
        if (found.size() > 1) {
            throw new AccessException(Kind.MALFORMED, "the request has two different credentials; one is allowed", "two credentials");
        }
        return found.stream().findFirst().or(() -> certificate.map(Credential.Certificate::new));
    }

    private static String bearer(String authorization) {
        String token = authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).strip()
                : "";
        if (token.isEmpty()) {
            throw new AccessException(Kind.INVALID, "Authorization is not 'Bearer' and a token or a key", "another scheme than Bearer");
        }
        return token;
    }

    /** Says which there are, and not what they are. */
    @Override
    public String toString() {
        return "Credentials[" + authorization.size() + ' ' + tickets.size() + ' ' + queryTokens.size() + ' ' + cookies.size() + ']';
    }
}
