package dev.hark.app.tls;

import java.io.ByteArrayOutputStream;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Private keys from PEM files, in each of the forms in which tools write them. Stateless. */
final class PrivateKeys {
    /* PKCS #8 (RFC 5208) is what Java reads. RSA keys of PKCS #1 (RFC 8017, appendix A.1.2) and EC keys of SEC 1 (RFC 5915) are wrapped in
       it: SEQUENCE { INTEGER 0, SEQUENCE { OID of the algorithm, its parameters }, OCTET STRING the key }. */

    private static final byte[] VERSION = {0x02, 0x01, 0x00};
    private static final byte[] RSA = {0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};
    private static final byte[] EC = {0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x02, 0x01};

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;

    /** Of an EC key: which curve it is on. */
    private static final int PARAMETERS = 0xA0;

    private static final byte[] PROBE = {'h', 'a', 'r', 'k'};

    private PrivateKeys() {}

    /** A key that cannot be used; the message is the end of a sentence. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message);
        }
    }

    /**
     * The key in {@code pem}, which is to be of {@code certified}'s kind.
     *
     * @param password of the key, where there is one
     */
    static PrivateKey read(Pem pem, PublicKey certified, Optional<String> password) throws UnusableException {
        byte[] encoded = encoded(pem, password);
        try {
            return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new UnusableException("it holds no " + certified.getAlgorithm() + " key, as the certificate has one");
        }
    }

    private static byte[] encoded(Pem pem, Optional<String> password) throws UnusableException {
        if (pem.hasHeaders()) {
            throw new UnusableException("the key is encrypted in an old way; `openssl pkcs8 -topk8` writes it in the usual one");
        }
        try {
            byte[] bytes = pem.bytes();
            return switch (pem.label()) {
                case "PRIVATE KEY" -> bytes;
                case "ENCRYPTED PRIVATE KEY" -> decrypted(bytes, password);
                case "RSA PRIVATE KEY" -> wrapped(RSA, bytes);
                case "EC PRIVATE KEY" -> wrapped(join(EC, curve(bytes)), bytes);
                default -> throw new UnusableException("keys of the kind " + pem.label() + " are not known");
            };
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new UnusableException("its " + pem.label() + " is damaged");
        }
    }

    private static byte[] decrypted(byte[] encrypted, Optional<String> password) throws UnusableException {
        if (password.isEmpty()) {
            throw new UnusableException("the key is encrypted, and there is no password for it");
        }
        try {
            var info = new EncryptedPrivateKeyInfo(encrypted);
            AlgorithmParameters parameters = info.getAlgParameters();
            // What the parameters are called where the scheme is PBES2, whose own name says nothing of the ciphers.
            String algorithm = parameters == null ? info.getAlgName() : nameOf(info, parameters);
            Cipher cipher = Cipher.getInstance(algorithm);
            var secret = SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.get().toCharArray()));
            cipher.init(Cipher.DECRYPT_MODE, secret, parameters);
            return info.getKeySpec(cipher).getEncoded();
        } catch (java.io.IOException e) {
            throw new UnusableException("its ENCRYPTED PRIVATE KEY is damaged");
        } catch (GeneralSecurityException e) {
            throw new UnusableException("the key cannot be decrypted; the password is wrong, or the cipher is not known");
        }
    }

    private static String nameOf(EncryptedPrivateKeyInfo info, AlgorithmParameters parameters) {
        return info.getAlgName().startsWith("PBES2") || info.getAlgName().equals("1.2.840.113549.1.5.13")
                ? parameters.toString()
                : info.getAlgName();
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return element(SEQUENCE, join(VERSION, element(SEQUENCE, algorithm), element(OCTETS, key)));
    }

    /** The OID of the curve that {@code key}, an ECPrivateKey, names. */
    private static byte[] curve(byte[] key) throws UnusableException {
        Element fields = Element.at(key, 0);
        for (int at = fields.from(); at < fields.to(); ) {
            Element field = Element.at(key, at);
            if (field.tag() == PARAMETERS) {
                return Arrays.copyOfRange(key, field.from(), field.to());
            }
            at = field.to();
        }
        throw new UnusableException("the EC key does not say which curve it is on; `openssl pkcs8 -topk8` writes it in the usual form");
    }

    /** A piece of DER (X.690, section 8.1): its tag, and where its contents are. */
    private record Element(int tag, int from, int to) {
        static Element at(byte[] der, int at) {
            int first = der[at + 1] & 0xFF;
            int lengthBytes = first < 0x80 ? 0 : first & 0x7F;
            if (lengthBytes > 3) {
                throw new IllegalArgumentException("longer than any key");
            }
            int length = lengthBytes == 0 ? first : 0;
            for (int i = 0; i < lengthBytes; i++) {
                length = (length << 8) | (der[at + 2 + i] & 0xFF);
            }
            int from = at + 2 + lengthBytes;
            if (length > der.length - from) {
                throw new IllegalArgumentException("cut off");
            }
            return new Element(der[at] & 0xFF, from, from + length);
        }
    }

    private static byte[] element(int tag, byte[] contents) {
        int length = contents.length;
        byte[] head = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length};
        return join(head, contents);
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Whether {@code key} is the one that {@code certified} belongs to: what it signs, that verifies. */
    static boolean belong(PrivateKey key, PublicKey certified) {
        Optional<String> signing = switch (certified.getAlgorithm()) {
            case "RSA" -> Optional.of("SHA256withRSA");
            case "EC" -> Optional.of("SHA256withECDSA");
            case "EdDSA", "Ed25519", "Ed448" -> Optional.of("EdDSA");
            default -> Optional.empty();
        };
        if (signing.isEmpty()) {
            // Handshakes will tell.
            return true;
        }
        try {
            Signature signature = Signature.getInstance(signing.get());
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
