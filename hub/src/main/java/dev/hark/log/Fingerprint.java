package dev.hark.log;

import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** Half of a SHA-256 over everything that a retry must repeat: topic, type, key and data, each with its length. */
public record Fingerprint(long high, long low) {
    public static Fingerprint of(Draft draft) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        update(digest, draft.topic().value());
        update(digest, draft.type());
        update(digest, draft.key());
        if (draft.kind() != EventKind.PLAIN) {
            // Plain ones are hashed as they were before there were others: their keys are remembered across an upgrade.
            update(digest, draft.kind().name());
        }
        digest.update(draft.data());
        ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
        return new Fingerprint(bytes.getLong(), bytes.getLong());
    }

    private static void update(MessageDigest digest, @Nullable String field) {
        byte[] bytes = field == null ? new byte[0] : field.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(4).putInt(field == null ? -1 : bytes.length).flip());
        digest.update(bytes);
    }
}
