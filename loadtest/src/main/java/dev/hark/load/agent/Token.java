package dev.hark.load.agent;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What controller and agents share, so that nobody else can make an agent send load. Does not print itself. */
public final class Token {
    /** Short enough to be typed, too long to be tried out. */
    static final int MIN_LETTERS = 8;

    static final int MAX_LETTERS = 1024;

    private final String value;

    public Token(String value) {
        if (value.length() < MIN_LETTERS || value.length() > MAX_LETTERS) {
            throw new IllegalArgumentException(
                    "the agents' token has %d letters; it must have from %d to %d".formatted(value.length(), MIN_LETTERS, MAX_LETTERS));
        }
        this.value = value;
    }

    String value() {
        return value;
    }

    /** Whether this is the same; takes as long for a near miss as for any other, whatever the lengths. */
    boolean matches(String other) {
        return MessageDigest.isEqual(digest(value), digest(other));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "Token[…]";
    }
}
