package dev.hark.app.hook;

import dev.hark.app.config.HookSettings.Secret;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs calls as Standard Webhooks 1.0.0 says, once with each secret. Thread-safe. */
final class Signer {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String VERSION = "v1,";

    private final List<SecretKeySpec> keys;

    Signer(List<Secret> secrets) {
        this.keys = secrets.stream().map(secret -> new SecretKeySpec(secret.bytes(), ALGORITHM)).toList();
    }

    /**
     * What stands in {@code webhook-signature}.
     *
     * @param id      without a full stop, as {@code webhook-id} has it
     * @param seconds since 1970, as {@code webhook-timestamp} has it
     */
    String sign(String id, long seconds, byte[] body) {
        byte[] head = (id + '.' + seconds + '.').getBytes(StandardCharsets.US_ASCII);
        return keys.stream()
                .map(key -> VERSION + Base64.getEncoder().encodeToString(mac(key, head, body)))
                .collect(Collectors.joining(" "));
    }

    private static byte[] mac(SecretKeySpec key, byte[] head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(head);
            return mac.doFinal(body);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JVM has " + ALGORITHM + ", which takes any key", e);
        }
    }
}
