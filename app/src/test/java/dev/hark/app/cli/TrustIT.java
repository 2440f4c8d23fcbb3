package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Clients and certificates: who is trusted, and what is said where nobody is. */
@ResourceLock(SilentLog.LOG)
class TrustIT {
    @TempDir
    static Path folder;

    @BeforeAll
    static void makeKeys() throws Exception {
        makeKey("good", "-ext", "SAN=IP:127.0.0.1");
        makeKey("other", "-ext", "SAN=DNS:other.example");
        makeKey("authority", "-ext", "bc:c");
        makeKey("old");
        signByAuthority("old", "-ext", "SAN=IP:127.0.0.1", "-startdate", "-10d", "-validity", "5");
    }

    @Test
    void trustsWhatTheFileHolds() {
        try (RunningHub hub = start("good")) {
            TestShell hark = TestShell.in(folder);
            assertThat(hark.run("publish", "a", "hi", "--url", hub.uri().toString(), "--cacert", "good.pem")).as(hark.err()).isZero();
            String[] one = {"subscribe", "a", "--last", "1", "-n", "1", "--url", hub.uri().toString(), "--cacert", "good.pem"};
            assertThat(hark.run(one)).as(hark.err()).isZero();
            assertThat(hark.out()).endsWith("hi\n");
        }
    }

    @Test
    void saysWhatIsWrongWithACertificate() {
        try (RunningHub hub = start("good")) {
            String subject = "hark: the certificate of " + hub.uri();
            String unknown = subject + " is not trusted: nobody known here vouches for it; --cacert FILE names your own authority\n";
            assertThat(refused(2, "publish", "a", "hi", "--url", hub.uri().toString())).isEqualTo(unknown);
            assertThat(refused(2, "subscribe", "a", "--url", hub.uri().toString())).isEqualTo(unknown);
            assertThat(refused(2, "publish", "a", "hi", "--url", hub.uri().toString(), "--cacert", "other.pem")).isEqualTo(unknown);
        }
        try (RunningHub hub = start("other")) {
            assertThat(refused(2, "publish", "a", "hi", "--url", hub.uri().toString(), "--cacert", "other.pem"))
                    .isEqualTo("hark: the certificate of " + hub.uri() + " is for another name\n");
        }
        try (RunningHub hub = start("old")) {
            assertThat(refused(2, "publish", "a", "hi", "--url", hub.uri().toString(), "--cacert", "authority.pem"))
                    .isEqualTo("hark: the certificate of " + hub.uri() + " has expired\n");
        }
        try (RunningHub hub = RunningHub.start()) {
            String url = hub.uri().toString().replace("http:", "https:");
            assertThat(refused(2, "publish", "a", "hi", "--url", url))
                    .isEqualTo("hark: what answers at " + url + " does not speak TLS; is it http:// instead?\n");
        }
    }

    @Test
    void saysWhatIsWrongWithTheFile() throws Exception {
        Files.writeString(folder.resolve("none.pem"), "nothing");
        assertThat(refused(1, "publish", "a", "hi", "--cacert", "missing.pem"))
                .contains("--cacert is 'missing.pem': there is no such file");
        assertThat(refused(1, "subscribe", "a", "--cacert", "none.pem")).contains("--cacert is 'none.pem': certificates in PEM are needed");
    }

    private static String refused(int code, String... args) {
        TestShell hark = TestShell.in(folder);
        assertThat(hark.run(args)).as(hark.err()).isEqualTo(code);
        return hark.err();
    }

    private static RunningHub start(String key) {
        return RunningHub.start(
                "server.tls.keystore=" + folder.resolve(key + ".p12"), "server.tls.password=changeit", "server.tls.alias=hark");
    }

    /** A key that vouches for itself, and its certificate in PEM. */
    private static void makeKey(String name, String... more) throws Exception {
        var generate = new ArrayList<String>(
                List.of("-genkeypair", "-alias", "hark", "-keyalg", "EC", "-dname", "CN=hark", "-storetype", "PKCS12"));
        generate.addAll(List.of(more));
        keytool(name, generate);
        keytool(name, List.of("-exportcert", "-rfc", "-alias", "hark", "-file", folder.resolve(name + ".pem").toString()));
    }

    /** Replaces the certificate of a key: one that vouches for itself is trusted whatever its dates are. */
    private static void signByAuthority(String name, String... more) throws Exception {
        String request = folder.resolve(name + ".csr").toString();
        String signed = folder.resolve(name + ".crt").toString();
        keytool(name, List.of("-certreq", "-alias", "hark", "-file", request));
        var sign = new ArrayList<String>(List.of("-gencert", "-rfc", "-alias", "hark", "-infile", request, "-outfile", signed));
        sign.addAll(List.of(more));
        keytool("authority", sign);
        String authority = folder.resolve("authority.pem").toString();
        keytool(name, List.of("-importcert", "-noprompt", "-alias", "authority", "-file", authority));
        keytool(name, List.of("-importcert", "-noprompt", "-alias", "hark", "-file", signed));
    }

    private static void keytool(String name, List<String> args) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1"));
        command.addAll(args);
        command.addAll(List.of("-keystore", folder.resolve(name + ".p12").toString(), "-storepass", "changeit"));
        Path said = folder.resolve("keytool.txt");
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(Files.readString(said)).isZero();
    }
}
