package dev.hark.app.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A set of keys as it was published or configured (RFC 7517, section 5), public ones or secrets. Immutable.
 *
 * @param set those that can be used
 */
record Keys(JWKSet set) {
    /** How many are tried for a token that does not say which. */
    private static final int MAX_TRIED = 16;

    /** RFC 7518, section 3.3. */
    private static final int LEAST_RSA_BITS = 2_048;

    /** The X.509 form of an Ed25519 key, up to the key itself (RFC 8410, section 4). */
    private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int ED25519_BYTES = 32;

    /**
     * The members of a set, without those that cannot be read: they may be of a kind that is newer than this program (RFC 7517, section 5).
     *
     * @throws ParseException if it is no set
     */
    static List<JWK> parse(String json) throws ParseException {
        Map<String, Object> document = JSONObjectUtils.parse(json);
        // The library takes a text that begins with null for one, and for no object.
        List<Object> published = document == null ? null : JSONObjectUtils.getJSONArray(document, "keys");
        if (published == null) {
            throw new ParseException("there are no keys", 0);
        }
        var keys = new ArrayList<JWK>();
        for (Object member : published) {
            try {
                if (member instanceof Map<?, ?> key) {
                    var members = new HashMap<String, Object>();
                    key.forEach((name, value) -> members.put(String.valueOf(name), value));
                    keys.add(JWK.parse(members));
                }
            } catch (ParseException | RuntimeException e) {
                // One damaged key says nothing of the others.
            }
        }
        return keys;
    }

    /**
     * Those of {@code keys} that tokens can be signed with, and that are public: with what everybody may read anybody can sign, where it is
     * a secret or a private key.
     */
    static Keys publicOf(List<JWK> keys) {
        return new Keys(new JWKSet(keys.stream().filter(key -> isUsable(key) && !key.isPrivate()).toList()));
    }

    /** Whether {@code key} is the private half of a pair. */
    static boolean isBared(JWK key) {
        return key.isPrivate() && !(key instanceof OctetSequenceKey);
    }

    /**
     * Whether {@code key} is one of a pair, strong enough, and of a kind that is known here. That it can be had from its numbers is tried
     * once, here: where it cannot, every token that may be of it would fail.
     */
    private static boolean isUsable(JWK key) {
        try {
            return switch (key) {
                case RSAKey rsa -> rsa.size() >= LEAST_RSA_BITS && isStrong(usable(rsa));
                case ECKey ec -> usable(ec) instanceof PublicKey;
                case OctetKeyPair okp -> okp.getDecodedX().length == ED25519_BYTES && usable(okp) instanceof PublicKey;
                default -> false;
            };
        } catch (RuntimeException e) {
            // Numbers that are no key.
            return false;
        }
    }

    /** Those that may have signed a token with {@code header}. */
    List<Key> matching(JWSHeader header) {
        var found = new ArrayList<Key>();
        for (JWK key : new JWKSelector(JWKMatcher.forJWSHeader(header)).select(set)) {
            if (found.size() < MAX_TRIED && isOfCurve(key, header.getAlgorithm())) {
                found.add(usable(key));
            }
        }
        return found;
    }

    /** The selector looks at the kind of a key alone, and a check with one of another curve fails before the right one is tried. */
    private static boolean isOfCurve(JWK key, JWSAlgorithm algorithm) {
        return !(key instanceof ECKey ec) || Curve.forJWSAlgorithm(algorithm).contains(ec.getCurve());
    }

    List<Key> all() {
        return set.getKeys().stream().map(Keys::usable).toList();
    }

    List<String> ids() {
        return set.getKeys().stream().map(JWK::getKeyID).filter(Objects::nonNull).toList();
    }

    private static Key usable(JWK key) {
        try {
            return switch (key) {
                case RSAKey rsa -> rsa.toRSAPublicKey();
                case ECKey ec -> ec.toECPublicKey();
                case OctetKeyPair okp -> ed25519(okp.getDecodedX());
                case OctetSequenceKey secret -> secret.toSecretKey("HMAC");
                default -> throw new IllegalStateException("a key of an unknown kind was kept");
            };
        } catch (JOSEException | GeneralSecurityException e) {
            throw new IllegalStateException("a key that cannot be used was kept", e);
        }
    }

    private static PublicKey ed25519(byte[] x) throws GeneralSecurityException {
        byte[] encoded = new byte[ED25519.length + x.length];
        System.arraycopy(ED25519, 0, encoded, 0, ED25519.length);
        System.arraycopy(x, 0, encoded, ED25519.length, x.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    /** Whether {@code key} has enough bits, where it is an RSA key. */
    static boolean isStrong(Key key) {
        return !(key instanceof RSAPublicKey rsa) || rsa.getModulus().bitLength() >= LEAST_RSA_BITS;
    }
}
