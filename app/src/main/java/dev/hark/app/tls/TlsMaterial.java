package dev.hark.app.tls;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.config.TlsSettings.ClientCertificates;
import dev.hark.app.config.TlsSettings.Identity;
import dev.hark.app.config.TlsSettings.Secret;
import dev.hark.app.config.TlsSettings.TlsFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What the handshakes of a listener need, read from its files and checked: a key, its certificates, and who vouches for clients. Immutable.
 *
 * @param chain       the listener's own certificate and those that vouch for it
 * @param authorities who vouches for clients
 * @param clients     which certificates clients show
 * @param context     with all that, and without a session that an earlier one began
 */
public record TlsMaterial(
        List<X509Certificate> chain, List<X509Certificate> authorities, ClientCertificates clients, SSLContext context) {
    /** A file of keys or certificates has a few KiB; a list of all public authorities 250. */
    private static final int MAX_FILE_BYTES = 4 << 20;

    private static final String ALIAS = "hark";

    private record Keys(PrivateKey key, List<X509Certificate> chain) {}

    /**
     * Reads what {@code settings} name.
     *
     * @throws ConfigException a sentence that names the key, the file and what is wrong with it
     */
    public static TlsMaterial read(TlsSettings settings) {
        Keys own = switch (settings.identity()) {
            case Identity.Pem pem -> pem(pem, settings.password());
            case Identity.Keystore keystore -> keystore(keystore, settings.password());
        };
        List<X509Certificate> authorities = settings.authorities().map(TlsMaterial::certificates).orElse(List.of());
        return new TlsMaterial(own.chain(), authorities, settings.clients(), context(settings, own, authorities));
    }

    /** Whether handshakes go as they do with {@code other}. */
    public boolean isAs(TlsMaterial other) {
        return chain.equals(other.chain) && authorities.equals(other.authorities) && clients == other.clients;
    }

    /** The listener's own certificate. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    private static SSLContext context(TlsSettings settings, Keys own, List<X509Certificate> authorities) {
        try {
            char[] password = new char[0];
            KeyStore keys = empty();
            keys.setKeyEntry(ALIAS, own.key(), password, own.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(keys, password);
            KeyStore trusted = empty();
            for (X509Certificate each : authorities) {
                trusted.setCertificateEntry("a" + trusted.size(), each);
            }
            // Where there is none, nobody is trusted, instead of whom the JDK does.
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new ConfigException(settings.section() + " cannot be used: " + e.getMessage());
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Keys pem(Identity.Pem pem, Optional<Secret> password) {
        List<X509Certificate> chain = certificates(pem.certificates());
        List<Pem> keys = Pem.all(bytes(pem.key())).stream().filter(Pem::isPrivateKey).toList();
        if (keys.size() != 1) {
            String found = keys.isEmpty() ? "no private key" : keys.size() + " private keys";
            throw wrong(pem.key(), "it holds " + found + " in PEM; one is needed");
        }
        try {
            PrivateKey key = PrivateKeys.read(keys.getFirst(), chain.getFirst().getPublicKey(), password.map(Secret::text));
            requirePair(pem.key(), key, chain, "the first certificate of " + pem.certificates().name());
            return new Keys(key, chain);
        } catch (PrivateKeys.UnusableException e) {
            throw wrong(pem.key(), String.valueOf(e.getMessage()));
        }
    }

    private static void requirePair(TlsFile file, PrivateKey key, List<X509Certificate> chain, String certificate) {
        if (!PrivateKeys.belong(key, chain.getFirst().getPublicKey())) {
            throw wrong(file, "its key does not belong to " + certificate + ", which is that of "
                    + chain.getFirst().getSubjectX500Principal().getName());
        }
    }

    private static List<X509Certificate> certificates(TlsFile file) {
        List<Pem> found = Pem.all(bytes(file)).stream().filter(Pem::isCertificate).toList();
        if (found.isEmpty()) {
            throw wrong(file, "it holds no certificate in PEM");
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem each : found) {
            try {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(each.bytes())));
            } catch (CertificateException | IllegalArgumentException e) {
                throw wrong(file, "its certificate number " + (certificates.size() + 1) + " is damaged");
            }
        }
        return List.copyOf(certificates);
    }

    private static Keys keystore(Identity.Keystore keystore, Optional<Secret> password) {
        TlsFile file = keystore.file();
        byte[] bytes = bytes(file);
        char[] characters = password.map(Secret::text).orElse("").toCharArray();
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), characters);
            String alias = alias(keystore, store);
            Key key = store.getKey(alias, characters);
            Certificate[] chain = store.getCertificateChain(alias);
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate each : chain == null ? new Certificate[0] : chain) {
                certificates.add((X509Certificate) each);
            }
            if (!(key instanceof PrivateKey own) || certificates.isEmpty()) {
                throw wrong(file, "its key '" + alias + "' has no certificate, or is no private key");
            }
            requirePair(file, own, certificates, "its certificate");
            return new Keys(own, List.copyOf(certificates));
        } catch (IOException e) {
            throw wrong(file, e.getCause() instanceof UnrecoverableKeyException
                    ? password.map(secret -> secret.key() + " is not its password").orElse("it has a password, which is not given")
                    : "it is no PKCS12 keystore, or is damaged");
        } catch (UnrecoverableKeyException e) {
            throw wrong(file, "its key has another password than the keystore; one for both is needed");
        } catch (GeneralSecurityException e) {
            throw wrong(file, "it cannot be read: " + e.getMessage());
        }
    }

    private static String alias(Identity.Keystore keystore, KeyStore store) throws GeneralSecurityException {
        List<String> keys = new ArrayList<>();
        for (String each : Collections.list(store.aliases())) {
            if (store.isKeyEntry(each)) {
                keys.add(each);
            }
        }
        Optional<String> wanted = keystore.alias();
        if (wanted.isPresent() && keys.stream().noneMatch(wanted.get()::equalsIgnoreCase)) {
            String others = keys.isEmpty() ? "" : ", but " + String.join(", ", keys);
            throw wrong(keystore.file(), "it has no key '" + wanted.get() + "'" + others);
        }
        if (wanted.isEmpty() && keys.size() != 1) {
            throw wrong(keystore.file(), keys.isEmpty() ? "it holds no private key"
                    : "it has the keys " + String.join(", ", keys) + ", and no alias says which is meant");
        }
        return wanted.orElseGet(keys::getFirst);
    }

    private static byte[] bytes(TlsFile file) {
        Path path = file.path();
        try {
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                throw wrong(file, "it is no regular file");
            }
            if (Files.size(path) > MAX_FILE_BYTES) {
                throw wrong(file, "it has " + Files.size(path) + " bytes; the limit is " + MAX_FILE_BYTES);
            }
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw wrong(file, "there is no such file");
        } catch (AccessDeniedException e) {
            throw wrong(file, "this user may not read it");
        } catch (IOException e) {
            throw wrong(file, "it cannot be read: " + e.getMessage());
        }
    }

    private static ConfigException wrong(TlsFile file, String what) {
        return new ConfigException(file + ": " + what);
    }
}
