package dev.hark.app.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of a PEM file (RFC 7468).
 *
 * @param label such as {@code CERTIFICATE}
 * @param text  what stands between its first line and its last
 */
record Pem(String label, String text) {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    /** All that {@code file} has, in its order; what stands beside them is for people. */
    static List<Pem> all(byte[] file) {
        List<Pem> all = new ArrayList<>();
        Matcher block = BLOCK.matcher(new String(file, StandardCharsets.ISO_8859_1));
        while (block.find()) {
            all.add(new Pem(block.group(1), block.group(2)));
        }
        return all;
    }

    boolean isCertificate() {
        return label.equals("CERTIFICATE") || label.equals("X509 CERTIFICATE");
    }

    boolean isPrivateKey() {
        return label.endsWith("PRIVATE KEY");
    }

    /** Whether it is encrypted in the way of before PKCS #8, by header lines (RFC 1421). */
    boolean hasHeaders() {
        return text.contains(":");
    }

    /** @throws IllegalArgumentException if it is no Base64 */
    byte[] bytes() {
        return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
    }
}
