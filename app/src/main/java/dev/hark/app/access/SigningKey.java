package dev.hark.app.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.IssuerSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * What an issuer signs its tokens with: the secret that it shares with the hub, or its private key. For development, where that is at hand:
 * a hub itself signs nothing. Immutable.
 */
public final class SigningKey {
    /** The PKCS#8 form of an Ed25519 key, up to the key itself (RFC 8410, section 7). */
    private static final byte[] ED25519 = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final JWSHeader header;
    private final JWSSigner signer;

    private SigningKey(JWSHeader header, JWSSigner signer) {
        this.header = header;
        this.signer = signer;
    }

    /**
     * The secret, or the private key (PEM, PKCS#8; or a JWK or a set of them), in {@code file}.
     *
     * @throws ConfigException if there is none that signs as {@code issuer} does
     */
    public static SigningKey read(Path file, IssuerSettings issuer) {
        if (issuer.hasSecret()) {
            JWSAlgorithm algorithm = JWSAlgorithm.parse(issuer.algorithms().getFirst());
            var header = new JWSHeader(algorithm);
            return of(issuer, null, signer((SecretKey) FileKeys.read(file, issuer).keys(header).getFirst())).orElseThrow();
        }
        String place = "nothing can be signed with the key in " + file;
        String text = new String(FileKeys.content(file, place), StandardCharsets.ISO_8859_1).strip();
        Matcher pem = FileKeys.PEM.matcher(text);
        List<Optional<SigningKey>> found;
        if (text.startsWith("{")) {
            found = FileKeys.parse(text, place).getKeys().stream().filter(JWK::isPrivate).map(key -> of(issuer, key, signer(key))).toList();
        } else if (pem.find()) {
            found = List.of(of(issuer, null, signer(privateKey(pem.group(1), pem.group(2), place))));
        } else {
            throw new ConfigException(place + ", which is neither PEM nor a JWK");
        }
        return found.stream().flatMap(Optional::stream).findFirst().orElseThrow(() ->
                new ConfigException(place + ", which is no private key for " + issuer.algorithms()
                        + ", with which " + issuer.name() + " signs"));
    }

    /** The first algorithm of {@code issuer} that the key can be used for. */
    private static Optional<SigningKey> of(IssuerSettings issuer, @Nullable JWK key, Optional<JWSSigner> signer) {
        return signer.flatMap(found -> issuer.algorithms().stream().map(JWSAlgorithm::parse)
                .filter(algorithm -> found.supportedJWSAlgorithms().contains(algorithm))
                .filter(algorithm -> key == null || key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
                .findFirst()
                .map(algorithm -> new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID(key == null ? null : key.getKeyID()))
                .map(header -> new SigningKey(header.build(), found)));
    }

    private static Optional<JWSSigner> signer(JWK key) {
        try {
            return switch (key) {
                case ECKey ec -> signer(ec.toECPrivateKey());
                case RSAKey rsa -> signer(rsa.toRSAPrivateKey());
                case OctetKeyPair okp -> signer(ed25519(okp.getDecodedD()));
                default -> Optional.empty();
            };
        } catch (JOSEException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static Optional<JWSSigner> signer(java.security.Key key) {
        try {
            return switch (key) {
                case SecretKey secret -> Optional.of(new MACSigner(secret));
                case ECPrivateKey ec -> Optional.of(new ECDSASigner(ec));
                case RSAPrivateKey rsa -> Optional.of(new RSASSASigner(rsa));
                case EdECPrivateKey ed25519 -> Optional.of(new Ed25519Signer(ed25519));
                default -> Optional.empty();
            };
        } catch (JOSEException | IllegalArgumentException e) {
            // Too short, or on a curve that no algorithm has.
            return Optional.empty();
        }
    }

    private static PrivateKey ed25519(byte[] d) throws GeneralSecurityException {
        byte[] encoded = new byte[ED25519.length + d.length];
        System.arraycopy(ED25519, 0, encoded, 0, ED25519.length);
        System.arraycopy(d, 0, encoded, ED25519.length, d.length);
        return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }

    private static PrivateKey privateKey(String label, String base64, String place) {
        if (!label.equals("PRIVATE KEY")) {
            throw new ConfigException(place + ", which is a " + label
                    + "; PRIVATE KEY is allowed, as openssl pkcs8 -topk8 -nocrypt makes it");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            for (String kind : List.of("EC", "RSA", "Ed25519")) {
                try {
                    return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (InvalidKeySpecException e) {
                    // Another kind.
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(place + ", whose PEM is damaged");
        }
        throw new ConfigException(place + ", which is no EC, RSA or Ed25519 key");
    }

    /** A token (RFC 7519) with {@code claims}; times among them are dates. */
    public String sign(Map<String, Object> claims) {
        var set = new JWTClaimsSet.Builder();
        claims.forEach(set::claim);
        var token = new SignedJWT(header, set.build());
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a key that cannot sign was kept", e);
        }
        return token.serialize();
    }

    /** EdDSA (RFC 8037, section 3.1) over the JDK, for which the library would need Tink. */
    private record Ed25519Signer(EdECPrivateKey key) implements JWSSigner {
        @Override
        public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
            try {
                Signature signature = Signature.getInstance("Ed25519");
                signature.initSign(key);
                signature.update(input);
                return Base64URL.encode(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new JOSEException(e.getMessage(), e);
            }
        }

        @Override
        public Set<JWSAlgorithm> supportedJWSAlgorithms() {
            return Set.of(JWSAlgorithm.EdDSA);
        }

        @Override
        public JCAContext getJCAContext() {
            return new JCAContext();
        }
    }
}
