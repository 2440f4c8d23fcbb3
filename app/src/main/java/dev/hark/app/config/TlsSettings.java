package dev.hark.app.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Encryption of a listener, as the configuration says it. None of its files has been read.
 *
 * @param section     of the configuration, such as {@code server.tls}
 * @param identity    where the listener's key and its certificates are
 * @param password    of the key or of the keystore, where there is one
 * @param clients     which certificates clients show
 * @param authorities who vouches for those, and may be missing where clients show none
 */
public record TlsSettings(
        String section,
        Identity identity,
        Optional<Secret> password,
        ClientCertificates clients,
        Optional<TlsFile> authorities) {

    /**
     * A file that a key of the configuration names.
     *
     * @param key as errors name it
     */
    public record TlsFile(String key, Path path) {
        /** Its path, in quotes, on one line, and as a whole: it may be the end that is wrong. */
        public String name() {
            return "'" + path.toString().replaceAll("\\p{Cntrl}", "\uFFFD") + "'";
        }

        /** The beginning of a sentence about it. */
        @Override
        public String toString() {
            return key + " is " + name();
        }
    }

    /**
     * A text that nobody is shown.
     *
     * @param key as errors name it
     */
    public record Secret(String key, String text) {
        @Override
        public String toString() {
            return key + " (not shown)";
        }
    }

    /** Where a key and its certificates are. */
    public sealed interface Identity {
        /** In two files, as certbot and most authorities make them. */
        record Pem(TlsFile key, TlsFile certificates) implements Identity {}

        /**
         * In a PKCS12 file.
         *
         * @param alias of the key, where the file has several
         */
        record Keystore(TlsFile file, Optional<String> alias) implements Identity {}
    }

    /** Which certificates clients show. */
    public enum ClientCertificates {
        /** They are not asked. */
        NONE,
        /** Who has one shows it, and others come in without. */
        OPTIONAL,
        /** Nobody comes in without. */
        REQUIRED;

        /** As the configuration spells it. */
        public String configName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws ConfigException if clients are asked for certificates that nobody could verify */
    public TlsSettings {
        if (clients != ClientCertificates.NONE && authorities.isEmpty()) {
            throw new ConfigException(section + ".client-certificates is " + clients.configName() + ", but " + section
                    + ".client-authorities is missing; the certificates (PEM) of whoever vouches for clients are needed");
        }
    }
}
