package dev.hark.log.jetstream;

import java.nio.file.Path;

/** How a node shows NATS who it is. No secret is in what these print. */
public sealed interface Access {
    /** It need not. */
    record Open() implements Access {}

    /** @param file credentials as {@code nsc} writes them: a JWT and the seed of its key. Read anew for each connection */
    record CredentialsFile(Path file) implements Access {}

    /** @param file the seed of a user's key, beginning with {@code SU}. Read anew for each connection */
    record SeedFile(Path file) implements Access {}

    /** A user and a password. */
    record User(String name, String password) implements Access {
        @Override
        public String toString() {
            return "User[name=" + name + "]";
        }
    }

    /** A token. */
    record Token(String token) implements Access {
        @Override
        public String toString() {
            return "Token[]";
        }
    }
}
