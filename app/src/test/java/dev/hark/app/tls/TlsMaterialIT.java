package dev.hark.app.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hark.app.TlsFiles;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys and certificates as tools write them, and the sentence about each that cannot be used. */
class TlsMaterialIT {
    @TempDir
    static Path folder;

    private static TlsFiles files;

    @BeforeAll
    static void makeFiles() {
        files = new TlsFiles(folder).authority("hub").keystore("hub").authority("other").keystore("other");
    }

    @Test
    void readsTheTwoFilesOfCertbot() {
        TlsMaterial material = read("key=hub.key", "certificates=hub.pem");

        assertThat(material.certificate()).isEqualTo(files.certificate("hub"));
        assertThat(material.authorities()).isEmpty();
    }

    @Test
    void readsAWholeChainInItsOrder() throws IOException {
        files.certificate("hub", "leaf");
        Files.writeString(files.path("chain.pem"), Files.readString(files.path("leaf.pem")) + Files.readString(files.path("hub.pem")));

        assertThat(read("key=leaf.key", "certificates=chain.pem").chain())
                .containsExactly(files.certificate("leaf"), files.certificate("hub"));
    }

    @ParameterizedTest
    @CsvSource({
        "ec, ec -in hub.key -out F -outform PEM",
        "pkcs8, pkcs8 -topk8 -nocrypt -in hub.key -out F",
        "pbes2, pkcs8 -topk8 -v2 aes-256-cbc -passout pass:changeit -in hub.key -out F",
        "pbes2-sha1, pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout pass:changeit -in hub.key -out F",
    })
    void readsAKeyHoweverItIsWritten(String name, String command) {
        files.openssl(command.replace("F", name + ".key").split(" "));

        assertThat(read("key=" + name + ".key", "certificates=hub.pem", "password=changeit").certificate())
                .isEqualTo(files.certificate("hub"));
    }

    @Test
    void readsKeysOfTheOtherAlgorithms() {
        files.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=rsa", "-keyout", "rsa.key", "-out",
                        "rsa.pem")
                .openssl("rsa", "-traditional", "-in", "rsa.key", "-out", "pkcs1.key")
                .openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "30", "-subj", "/CN=ed", "-keyout", "ed.key", "-out",
                        "ed.pem");

        assertThat(read("key=rsa.key", "certificates=rsa.pem").certificate()).isEqualTo(files.certificate("rsa"));
        assertThat(read("key=pkcs1.key", "certificates=rsa.pem").certificate()).isEqualTo(files.certificate("rsa"));
        assertThat(read("key=ed.key", "certificates=ed.pem").certificate()).isEqualTo(files.certificate("ed"));
        refusal("key=rsa.key", "certificates=hub.pem").isEqualTo(at("key", "rsa.key") + "it holds no EC key, as the certificate has one");
    }

    @Test
    void readsAKeystore() throws Exception {
        assertThat(read("keystore=hub.p12", "password=changeit").certificate()).isEqualTo(files.certificate("hub"));
        assertThat(read("keystore=hub.p12", "password=changeit", "alias=HUB").certificate()).isEqualTo(files.certificate("hub"));

        for (String each : List.of("hub.p12", "other.p12")) {
            keytool("-importkeystore", "-srckeystore", each, "-destkeystore", "both.p12", "-srcstorepass", "changeit",
                    "-deststorepass", "changeit", "-deststoretype", "PKCS12", "-noprompt");
        }
        assertThat(read("keystore=both.p12", "password=changeit", "alias=other").certificate()).isEqualTo(files.certificate("other"));
        refusal("keystore=both.p12", "password=changeit")
                .isEqualTo(at("keystore", "both.p12") + "it has the keys hub, other, and no alias says which is meant");
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile()).start();
        assertThat(process.waitFor()).as(Files.readString(folder.resolve("keytool.txt"))).isZero();
    }

    @Test
    void saysWhichKeystoreIsWrongAndWhy() {
        refusal("keystore=none.p12").isEqualTo(at("keystore", "none.p12") + "there is no such file");
        refusal("keystore=.").isEqualTo("server.tls.keystore is '" + folder + "/.': it is no regular file");
        refusal("keystore=hub.pem").isEqualTo(at("keystore", "hub.pem") + "it is no PKCS12 keystore, or is damaged");
        refusal("keystore=hub.p12").isEqualTo(at("keystore", "hub.p12") + "it has a password, which is not given");
        refusal("keystore=hub.p12", "password=s3cret")
                .isEqualTo(at("keystore", "hub.p12") + "server.tls.password is not its password").doesNotContain("s3cret");
        refusal("keystore=hub.p12", "password=changeit", "alias=hark")
                .isEqualTo(at("keystore", "hub.p12") + "it has no key 'hark', but hub");
    }

    @Test
    void saysWhichPemFileIsWrongAndWhy() throws IOException {
        Files.writeString(files.path("empty.pem"), "");
        Files.writeString(files.path("damaged.pem"), Files.readString(files.path("hub.pem")).replaceFirst("\nM", "\n!"));
        Files.writeString(files.path("damaged.key"), "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n");
        Files.writeString(files.path("two.key"), Files.readString(files.path("hub.key")) + Files.readString(files.path("other.key")));
        files.openssl("pkcs8", "-topk8", "-passout", "pass:changeit", "-in", "hub.key", "-out", "locked.key");
        files.openssl("ec", "-aes128", "-passout", "pass:changeit", "-in", "hub.key", "-out", "old.key");

        refusal("key=none.key", "certificates=hub.pem").isEqualTo(at("key", "none.key") + "there is no such file");
        refusal("key=hub.key", "certificates=none.pem").isEqualTo(at("certificates", "none.pem") + "there is no such file");
        refusal("key=hub.key", "certificates=empty.pem").isEqualTo(at("certificates", "empty.pem") + "it holds no certificate in PEM");
        refusal("key=hub.key", "certificates=damaged.pem")
                .isEqualTo(at("certificates", "damaged.pem") + "its certificate number 1 is damaged");
        refusal("key=hub.pem", "certificates=hub.pem").isEqualTo(at("key", "hub.pem") + "it holds no private key in PEM; one is needed");
        refusal("key=two.key", "certificates=hub.pem").isEqualTo(at("key", "two.key") + "it holds 2 private keys in PEM; one is needed");
        refusal("key=damaged.key", "certificates=hub.pem").isEqualTo(at("key", "damaged.key") + "its EC PRIVATE KEY is damaged");
        refusal("key=other.key", "certificates=hub.pem").isEqualTo(at("key", "other.key")
                + "its key does not belong to the first certificate of '" + files.path("hub.pem") + "', which is that of CN=hub");
        refusal("key=locked.key", "certificates=hub.pem")
                .isEqualTo(at("key", "locked.key") + "the key is encrypted, and there is no password for it");
        refusal("key=locked.key", "certificates=hub.pem", "password=s3cret").isEqualTo(
                at("key", "locked.key") + "the key cannot be decrypted; the password is wrong, or the cipher is not known");
        refusal("key=old.key", "certificates=hub.pem").isEqualTo(
                at("key", "old.key") + "the key is encrypted in an old way; `openssl pkcs8 -topk8` writes it in the usual one");
    }

    @Test
    void saysWhatIsWrongWithTheAuthoritiesOfClients() {
        assertThat(read("key=hub.key", "certificates=hub.pem", "client-certificates=required", "client-authorities=other.pem")
                .authorities()).containsExactly(files.certificate("other"));
        refusal("key=hub.key", "certificates=hub.pem", "client-certificates=optional", "client-authorities=hub.key")
                .isEqualTo(at("client-authorities", "hub.key") + "it holds no certificate in PEM");
    }

    @Test
    void seesACertificateThatIsOutOfDate() throws Exception {
        keytool("-genkeypair", "-alias", "old", "-keyalg", "EC", "-dname", "CN=old",
                "-startdate", "2020/01/01 00:00:00", "-validity", "366",
                "-keystore", "old.p12", "-storetype", "PKCS12", "-storepass", "changeit");

        assertThat(ListenerTls.doubts("server.tls", read("keystore=old.p12", "password=changeit")).orElseThrow())
                .startsWith("server.tls: the certificate of CN=old expired at 202");
        assertThat(ListenerTls.doubts("server.tls", read("key=hub.key", "certificates=hub.pem"))).isEmpty();
    }

    private static TlsMaterial read(String... pairs) {
        List<String> set = Arrays.stream(pairs).map(pair -> {
            String[] parts = pair.split("=", 2);
            boolean file = !List.of("password", "alias", "client-certificates").contains(parts[0]);
            return "server.tls." + parts[0] + "=" + (file ? folder.resolve(parts[1]) : parts[1]);
        }).toList();
        TlsSettings settings = new ConfigSource(null, set, Map.of()).load().server().tls().orElseThrow();
        return TlsMaterial.read(settings);
    }

    private static String at(String key, String file) {
        return "server.tls." + key + " is '" + folder.resolve(file) + "': ";
    }

    private static AbstractStringAssert<?> refusal(String... pairs) {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> read(pairs));
        assertThat(refusal).as("refusal").isNotNull();
        return assertThat(refusal.getMessage());
    }
}
