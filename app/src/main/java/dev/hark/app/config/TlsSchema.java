package dev.hark.app.config;

import dev.hark.app.config.TlsSettings.ClientCertificates;
import dev.hark.app.config.TlsSettings.Identity;
import dev.hark.app.config.TlsSettings.Secret;
import dev.hark.app.config.TlsSettings.TlsFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys of {@code server.tls} and {@code admin.tls}. Stateless. */
final class TlsSchema {
    private static final String A_FILE = "the path of a file";

    private TlsSchema() {}

    /**
     * What the section {@code tls} of a listener's says; empty where there is none.
     *
     * @param listener the name of the listener's section
     */
    static Optional<TlsSettings> read(Section parent, String listener) {
        Section tls = parent.section("tls");
        if (!parent.isGiven("tls")) {
            return Optional.empty();
        }
        String section = listener + ".tls";
        // All of them, whatever one of them has: a key that nobody asks for is unknown.
        Optional<TlsFile> key = file(tls, section, "key");
        Optional<TlsFile> certificates = file(tls, section, "certificates");
        Optional<TlsFile> keystore = file(tls, section, "keystore");
        Optional<Secret> password = tls.secret("password");
        Optional<String> alias = tls.item(() -> tls.optional("alias", "the name of a key in the keystore", text -> text));
        Optional<ClientCertificates> clients = tls.item(() -> tls.optional(
                "client-certificates", "none | optional | required", TlsSchema::clientCertificates));
        Optional<TlsFile> authorities = file(tls, section, "client-authorities");
        Older older = listener.equals("server") && tls.isGiven("private-key") ? Older.read(tls.section("private-key")) : Older.NONE;

        return tls.item(() -> {
            Identity identity = identity(section, key.or(older::key), certificates.or(older::certificates),
                    keystore.or(older::keystore), alias.or(older::alias));
            if (identity == null) {
                return nothing(section, password.isPresent() || clients.isPresent() || authorities.isPresent() || alias.isPresent());
            }
            if (identity instanceof Identity.Pem && alias.isPresent()) {
                throw new ConfigException(section + ".alias is " + YamlNode.quoted(alias.get())
                        + ", but there is no " + section + ".keystore, of whose keys it would name one");
            }
            if (clients.isEmpty() && authorities.isPresent()) {
                throw new ConfigException(authorities.get() + ", but nothing says whether clients show certificates; "
                        + section + ".client-certificates: optional or required does, or none");
            }
            return new TlsSettings(
                    section, identity, password.or(older::password), clients.orElse(ClientCertificates.NONE), authorities);
        });
    }

    private static @Nullable TlsSettings nothing(String section, boolean wanted) {
        if (wanted) {
            throw new ConfigException(section + " has neither " + section + ".key nor " + section
                    + ".keystore; one of them is needed, for the listener's own key");
        }
        return null;
    }

    private static @Nullable Identity identity(
            String section,
            Optional<TlsFile> key,
            Optional<TlsFile> certificates,
            Optional<TlsFile> keystore,
            Optional<String> alias) {
        if (keystore.isPresent()) {
            Optional<TlsFile> other = key.or(() -> certificates);
            if (other.isPresent()) {
                throw new ConfigException(
                        keystore.get() + " and " + other.get() + "; either a keystore or key and certificates are allowed");
            }
            return new Identity.Keystore(keystore.get(), alias);
        }
        if (key.isEmpty() && certificates.isEmpty()) {
            return null;
        }
        if (key.isEmpty() || certificates.isEmpty()) {
            throw new ConfigException(section + (key.isEmpty() ? ".key" : ".certificates")
                    + " is missing; both key and certificates are needed, each the path of a file in PEM");
        }
        return new Identity.Pem(key.get(), certificates.get());
    }

    private static Optional<TlsFile> file(Section tls, String section, String name) {
        return tls.item(() -> tls.optional(name, A_FILE, text -> new TlsFile(section + '.' + name, path(text))));
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("");
        }
        return Path.of(text);
    }

    private static ClientCertificates clientCertificates(String text) {
        for (ClientCertificates each : ClientCertificates.values()) {
            if (each.configName().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException("");
    }

    /** What earlier versions' documentation told people to write, for the data listener. */
    private record Older(
            Optional<TlsFile> key,
            Optional<TlsFile> certificates,
            Optional<TlsFile> keystore,
            Optional<Secret> password,
            Optional<String> alias) {
        private static final String SECTION = "server.tls.private-key";
        static final Older NONE = new Older(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        static Older read(Section keys) {
            Section pem = keys.section("pem");
            Section keystore = keys.section("keystore");
            Optional<Secret> password = keystore.secret("passphrase");
            return new Older(
                    resource(pem, "pem", "key"),
                    resource(pem, "pem", "cert-chain"),
                    file(keystore.section("resource"), SECTION + ".keystore.resource", "path"),
                    password.or(() -> pem.section("key").secret("passphrase")),
                    keystore.item(() -> keystore.section("key").optional("alias", "the name of a key in the keystore", text -> text)));
        }

        private static Optional<TlsFile> resource(Section parent, String place, String name) {
            Section resource = parent.section(name).section("resource");
            return file(resource, SECTION + '.' + place + '.' + name + ".resource", "path");
        }
    }
}
