package dev.hark.log.jetstream;

import io.nats.client.AuthHandler;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A user's key, which signs what a server asks for, and the JWT that names it. A seed is base32 of two bytes that say what it is, the 32 of
 * an Ed25519 key, and a CRC-16 of these in little-endian order.
 */
final class SigningKey implements AuthHandler {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int SEED_BYTES = 2 + 32 + 2;
    private static final int SEED_OF_USER = ('S' - 'A') << 3 | ('U' - 'A') >> 2;
    private static final int USER = 'U' - 'A';
    private static final Pattern JWT = Pattern.compile("-----BEGIN NATS USER JWT-----\\s+(\\S+)\\s+-+END NATS USER JWT-+");
    private static final Pattern SEED = Pattern.compile("-----BEGIN USER NKEY SEED-----\\s+(\\S+)\\s+-+END USER NKEY SEED-+");

    private final byte[] seed;
    private final @Nullable String jwt;

    private SigningKey(byte[] seed, @Nullable String jwt) {
        this.seed = seed;
        this.jwt = jwt;
    }

    /** From a credentials file. */
    static SigningKey ofCredentials(Path file) throws IOException {
        String text = Files.readString(file);
        Matcher token = JWT.matcher(text);
        Matcher key = SEED.matcher(text);
        if (!token.find() || !key.find()) {
            throw new IOException(file + " is no credentials file: it has a user's JWT and a user's seed, each between its lines");
        }
        return new SigningKey(seed(key.group(1), file), token.group(1));
    }

    /** From a file that has a user's seed in it. */
    static SigningKey ofSeed(Path file) throws IOException {
        return new SigningKey(seed(Files.readString(file).strip(), file), null);
    }

    @Override
    public byte[] sign(byte[] nonce) {
        try {
            PrivateKey key = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOfRange(seed, 2, 34)));
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(nonce);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java does not sign with Ed25519", e);
        }
    }

    @Override
    public char @Nullable [] getID() {
        // With a JWT the server knows the key from that.
        return jwt == null ? publicKey() : null;
    }

    @Override
    public char @Nullable [] getJWT() {
        return jwt == null ? null : jwt.toCharArray();
    }

    private char[] publicKey() {
        byte[] point = new byte[35];
        point[0] = (byte) (USER << 3);
        System.arraycopy(pointOf(Arrays.copyOfRange(seed, 2, 34)), 0, point, 1, 32);
        int crc = crc(point, 33);
        point[33] = (byte) crc;
        point[34] = (byte) (crc >> 8);
        return encode(point);
    }

    /**
     * The public half, little-endian, with the sign of x in the highest bit: Java gives it out where a pair is made, from these "random"
     * bytes.
     */
    private static byte[] pointOf(byte[] secret) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new Given(secret));
            var point = ((EdECPublicKey) generator.generateKeyPair().getPublic()).getPoint();
            byte[] bigEndian = point.getY().toByteArray();
            byte[] encoded = new byte[32];
            for (int i = 0; i < Math.min(32, bigEndian.length); i++) {
                encoded[i] = bigEndian[bigEndian.length - 1 - i];
            }
            encoded[31] |= (byte) (point.isXOdd() ? 0x80 : 0);
            return encoded;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java does not sign with Ed25519", e);
        }
    }

    private static byte[] seed(String encoded, Path file) throws IOException {
        byte[] bytes = decode(encoded);
        boolean whole = bytes.length == SEED_BYTES && crc(bytes, 34) == ((bytes[34] & 0xff) | (bytes[35] & 0xff) << 8);
        if (!whole || (bytes[0] & 0xff) != SEED_OF_USER || bytes[1] != 0) {
            throw new IOException(file + " holds no seed of a user's key (SU...), or a mistyped one");
        }
        return bytes;
    }

    private static byte[] decode(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int value = BASE32.indexOf(text.charAt(i));
            if (value < 0) {
                return new byte[0];
            }
            held = (held << 5 | value) & 0xfff;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes[at++] = (byte) (held >> bits);
            }
        }
        return bytes;
    }

    private static char[] encode(byte[] bytes) {
        CharBuffer text = CharBuffer.allocate((bytes.length * 8 + 4) / 5);
        int bits = 0;
        int held = 0;
        for (byte b : bytes) {
            held = (held << 8 | (b & 0xff)) & 0xfff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.put(BASE32.charAt(held >> bits & 31));
            }
        }
        if (bits > 0) {
            text.put(BASE32.charAt(held << (5 - bits) & 31));
        }
        return text.array();
    }

    /** CRC-16/XMODEM. */
    private static int crc(byte[] bytes, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc ^= (bytes[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
            crc &= 0xffff;
        }
        return crc;
    }

    @Override
    public String toString() {
        return "SigningKey" + (jwt == null ? "" : " with a JWT of " + jwt.getBytes(StandardCharsets.US_ASCII).length + " bytes");
    }

    /** No chance at all. */
    private static final class Given extends SecureRandom {
        private final transient byte[] bytes;

        Given(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void nextBytes(byte[] target) {
            System.arraycopy(bytes, 0, target, 0, target.length);
        }
    }
}
