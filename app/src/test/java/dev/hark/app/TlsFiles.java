package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Keys and certificates in files, as authorities and openssl write them: {@code name.key}, {@code name.pem}, {@code name.p12}.
 *
 * @param folder where they are
 */
public record TlsFiles(Path folder) {
    public static final String PASSWORD = "changeit";

    /** An authority, or a certificate that vouches for itself. */
    public TlsFiles authority(String name) {
        return openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".pem");
    }

    /**
     * A key with a certificate that {@code authority} has signed, for localhost.
     *
     * @param more options of {@code openssl req}
     */
    public TlsFiles certificate(String authority, String name, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "30", "-subj", "/O=Shop/CN=" + name, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext", "basicConstraints=critical,CA:FALSE",
                "-CA", authority + ".pem", "-CAkey", authority + ".key", "-keyout", name + ".key", "-out", name + ".pem"));
        command.addAll(List.of(more));
        return openssl(command.toArray(String[]::new));
    }

    /** The same in a keystore. */
    public TlsFiles keystore(String name) {
        return openssl("pkcs12", "-export", "-name", name, "-inkey", name + ".key", "-in", name + ".pem", "-out", name + ".p12",
                "-passout", "pass:" + PASSWORD);
    }

    /** Runs it in the folder. */
    public TlsFiles openssl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        try {
            Path said = folder.resolve("openssl.txt");
            Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(said.toFile()).start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(said)).isZero();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public Path path(String file) {
        return folder.resolve(file);
    }

    /** Puts {@code name}'s key and certificate where those of {@code as} are. */
    public void replace(String as, String name) {
        try {
            for (String kind : List.of(".key", ".pem")) {
                Files.copy(path(name + kind), path(as + kind), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public X509Certificate certificate(String name) {
        try (InputStream in = Files.newInputStream(path(name + ".pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CertificateException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * A client's side.
     *
     * @param trusted whom it trusts
     * @param own     whose keystore has the key and the certificate that it shows; null where it has none
     */
    public SSLContext client(String trusted, @Nullable String own) {
        try {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry(trusted, certificate(trusted));
            TrustManagerFactory trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusts.init(trust);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own == null ? new KeyManager[0] : keys(own), trusts.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeyManager[] keys(String name) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(path(name + ".p12").toFile(), PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        return new KeyManager[] {new Insistent((X509ExtendedKeyManager) keys.getKeyManagers()[0])};
    }

    /** Shows its certificate whoever the hub says that it trusts. */
    private static final class Insistent extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        Insistent(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] kinds, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return keys.chooseClientAlias(kinds, null, socket);
        }

        @Override
        public String @Nullable [] getClientAliases(String kind, Principal @Nullable [] issuers) {
            return keys.getClientAliases(kind, null);
        }

        @Override
        public String @Nullable [] getServerAliases(String kind, Principal @Nullable [] issuers) {
            return keys.getServerAliases(kind, issuers);
        }

        @Override
        public @Nullable String chooseServerAlias(String kind, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return keys.chooseServerAlias(kind, issuers, socket);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    /** What a hub is told: {@code key=value}, for the listener of {@code section}. */
    public List<String> settings(String section, String name) {
        return List.of(section + ".tls.key=" + path(name + ".key"), section + ".tls.certificates=" + path(name + ".pem"));
    }
}
