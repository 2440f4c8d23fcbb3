package dev.hark.load.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.drive.Credentials;
import dev.hark.load.drive.Credentials.Bearer;
import dev.hark.load.drive.SignedTokens;
import java.io.IOException;
import java.time.Duration;

/** Credentials on their way to an agent, secrets and all: who runs agents on other machines trusts the way to them. */
final class CredentialsJson {
    private CredentialsJson() {}

    static void write(ObjectNode into, Credentials credentials) {
        write(into.putObject("streams"), credentials.streams());
        write(into.putObject("publishers"), credentials.publishers());
        into.put("tickets", credentials.tickets());
    }

    private static void write(ObjectNode into, Bearer bearer) {
        switch (bearer) {
            case Bearer.Nobody nobody -> {
                // An empty object.
            }
            case Bearer.Shared(String token) -> into.put("token", token);
            case Bearer.Own(SignedTokens tokens) -> into.put("secret", tokens.secret().getEncoded())
                    .put("issuer", tokens.issuer()).put("audience", tokens.audience()).put("subject", tokens.subject())
                    .put("ageSeconds", tokens.age().toSeconds());
        }
    }

    /**
     * Reads what {@link #write(ObjectNode, Credentials)} wrote.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Credentials read(JsonNode from) {
        return new Credentials(bearer(from.path("streams")), bearer(from.path("publishers")), from.path("tickets").asBoolean());
    }

    private static Bearer bearer(JsonNode from) {
        if (from.has("token")) {
            return new Bearer.Shared(from.path("token").asText());
        }
        if (!from.has("secret")) {
            return new Bearer.Nobody();
        }
        try {
            return new Bearer.Own(new SignedTokens(
                    SignedTokens.key(from.path("secret").binaryValue()), from.path("issuer").asText(), from.path("audience").asText(),
                    from.path("subject").asText(), Duration.ofSeconds(from.path("ageSeconds").asLong())));
        } catch (IOException e) {
            throw new IllegalArgumentException("a plan with a secret that is none", e);
        }
    }
}
