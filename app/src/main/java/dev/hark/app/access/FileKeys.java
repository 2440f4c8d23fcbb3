package dev.hark.app.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.IssuerSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys from a file: a public key or a certificate (PEM, RFC 7468), a JWK or a set of them (RFC 7517), or a secret as it stands there.
 * Immutable.
 */
final class FileKeys implements KeySource {
    static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final long MAX_BYTES = 1 << 20;

    /** Where the file says which algorithms and ids its keys are for; null where it holds one bare key. */
    private final List<Key> bare;
    private final Keys named;

    private FileKeys(List<Key> bare, Keys named) {
        this.bare = List.copyOf(bare);
        this.named = named;
    }

    /** @throws ConfigException if the file cannot be read, or holds nothing that {@code issuer} could sign with */
    static FileKeys read(Path path, IssuerSettings issuer) {
        String place = "auth.issuers has the key-file " + path + " for '" + issuer.name() + "'";
        byte[] content = content(path, place);
        String text = new String(content, StandardCharsets.UTF_8).strip();
        if (text.isEmpty()) {
            throw new ConfigException(place + ", which is empty");
        }
        boolean isPem = text.contains("-----BEGIN ");
        FileKeys keys;
        if (issuer.hasSecret()) {
            if (isPem || isPublic(content)) {
                // Whoever knows a public key could sign with it.
                throw new ConfigException(place + ", which is a key or a certificate, and so no secret; " + issuer.algorithms()
                        + " sign with a secret");
            }
            keys = text.startsWith("{") ? new FileKeys(List.of(), secrets(text, place)) : bare(secret(content));
        } else if (isPem) {
            keys = bare(fromPem(text, place));
        } else if (text.startsWith("{")) {
            keys = new FileKeys(List.of(), Keys.publicOf(publicOnes(parse(text, place), place)));
        } else {
            throw new ConfigException(place + ", which is neither PEM nor a JWK");
        }
        keys.requireUsable(issuer, place);
        return keys;
    }

    private static FileKeys bare(Key key) {
        return new FileKeys(List.of(key), new Keys(new JWKSet()));
    }

    /** @throws ConfigException if it cannot be read */
    static byte[] content(Path path, String place) {
        if (!Files.exists(path)) {
            throw new ConfigException(place + ", which is not there");
        }
        if (!Files.isRegularFile(path)) {
            throw new ConfigException(place + ", which is no file");
        }
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw new ConfigException(place + ", which is larger than any key");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new ConfigException(place + ", which cannot be read: " + e.getClass().getSimpleName());
        }
    }

    /** What editors put at the end of a file is not part of a secret. */
    private static Key secret(byte[] content) {
        int end = content.length;
        while (end > 0 && (content[end - 1] == '\n' || content[end - 1] == '\r')) {
            end--;
        }
        return new SecretKeySpec(Arrays.copyOf(content, end), "HMAC");
    }

    private static Keys secrets(String json, String place) {
        return new Keys(new JWKSet(parse(json, place).getKeys().stream().filter(OctetSequenceKey.class::isInstance).toList()));
    }

    static JWKSet parse(String json, String place) {
        try {
            return json.contains("\"keys\"") ? JWKSet.parse(json) : new JWKSet(JWK.parse(json));
        } catch (ParseException | RuntimeException e) {
            // Not what was wrong with it: the message may quote a secret.
            throw new ConfigException(place + ", which is no JWK, and no set of them");
        }
    }

    private static List<JWK> publicOnes(JWKSet set, String place) {
        if (set.getKeys().stream().anyMatch(Keys::isBared)) {
            throw new ConfigException(place + ", which has a private key; the hub needs the public one alone,"
                    + " and whoever reads this one can sign");
        }
        return set.getKeys();
    }

    /** Of a chain of certificates, the first: it is that of whoever signs. */
    private static PublicKey fromPem(String text, String place) {
        Matcher pem = PEM.matcher(text);
        if (!pem.find()) {
            throw new ConfigException(place + ", whose PEM is damaged");
        }
        String label = pem.group(1);
        PublicKey key = publicKey(label, pem.group(2), place);
        while (pem.find()) {
            if (!label.equals(CERTIFICATE) || !pem.group(1).equals(CERTIFICATE)) {
                throw new ConfigException(place + ", which has more than one key; a set of JWKs may have several");
            }
        }
        return key;
    }

    /** Whether {@code content} is a public key or a certificate in DER. */
    private static boolean isPublic(byte[] content) {
        try {
            var _ = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content));
            return true;
        } catch (GeneralSecurityException e) {
            return isKey(content);
        }
    }

    private static boolean isKey(byte[] der) {
        try {
            return anyKind(der).isPresent();
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static PublicKey publicKey(String label, String base64, String place) {
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(place + ", whose PEM is damaged");
        }
        try {
            return switch (label) {
                case CERTIFICATE ->
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)).getPublicKey();
                case "PUBLIC KEY" ->
                    anyKind(der).orElseThrow(() -> new ConfigException(place + ", which is no EC, RSA or Ed25519 key"));
                default -> throw new ConfigException(place + ", which has " + label + "; PUBLIC KEY and CERTIFICATE are allowed");
            };
        } catch (GeneralSecurityException e) {
            throw new ConfigException(place + ", which is no " + label);
        }
    }

    private static Optional<PublicKey> anyKind(byte[] der) throws GeneralSecurityException {
        for (String kind : List.of("EC", "RSA", "Ed25519")) {
            try {
                return Optional.of(KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der)));
            } catch (InvalidKeySpecException e) {
                // Another kind.
            }
        }
        return Optional.empty();
    }

    private void requireUsable(IssuerSettings issuer, String place) {
        for (String name : issuer.algorithms()) {
            var header = new JWSHeader(JWSAlgorithm.parse(name));
            List<Key> keys = keys(header);
            if (keys.isEmpty()) {
                throw new ConfigException(place + ", which has no key for " + name);
            }
            for (Key key : keys) {
                requireUsable(key, header, place);
            }
        }
    }

    private static void requireUsable(Key key, JWSHeader header, String place) {
        if (!Keys.isStrong(key)) {
            throw new ConfigException(place + ", which is an RSA key of less than 2048 bits");
        }
        try {
            // A key of another curve, and a secret that is too short, can be used for other algorithms.
            JWSVerifier verifier = new Ed25519Verifiers().createJWSVerifier(header, key);
            if (!verifier.supportedJWSAlgorithms().contains(header.getAlgorithm())) {
                throw new ConfigException(place + ", which cannot be used for " + header.getAlgorithm() + ", but for "
                        + verifier.supportedJWSAlgorithms());
            }
        } catch (JOSEException e) {
            throw new ConfigException(place + ", which cannot be used for " + header.getAlgorithm() + ": " + e.getMessage());
        }
    }

    @Override
    public List<Key> keys(JWSHeader header) {
        List<Key> found = bare.isEmpty() ? named.matching(header) : bare;
        return found.stream().filter(key -> fits(key, header.getAlgorithm())).toList();
    }

    @Override
    public boolean keeps(List<Key> signers) {
        return (bare.isEmpty() ? named.all() : bare).containsAll(signers);
    }

    @Override
    public List<String> ids() {
        return named.ids();
    }

    private static boolean fits(Key key, JWSAlgorithm algorithm) {
        return switch (key.getAlgorithm()) {
            case "EC" -> JWSAlgorithm.Family.EC.contains(algorithm);
            case "RSA" -> JWSAlgorithm.Family.RSA.contains(algorithm);
            case "HMAC" -> JWSAlgorithm.Family.HMAC_SHA.contains(algorithm);
            // The JDK's name for Ed25519 and Ed448.
            case "EdDSA" -> JWSAlgorithm.Family.ED.contains(algorithm);
            default -> false;
        };
    }
}
