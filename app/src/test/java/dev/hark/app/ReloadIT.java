package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP, sent to the packaged program: it reads its configuration anew, and goes on. */
@EnabledOnOs(OS.LINUX)
class ReloadIT {
    private static final Pattern ADMIN = Pattern.compile("health and metrics: (https?://[^)\\s]+)");

    @TempDir
    private Path folder;

    private final List<Program> started = new ArrayList<>();

    @AfterEach
    void endWhatWasStarted() {
        started.forEach(Program::kill);
    }

    @Test
    void aStreamOverTlsGoesOnWhileTheCertificateIsRenewed() throws Exception {
        TlsFiles files = files();
        Program program = serve(files);
        URI uri = program.awaitUri();
        try (Wire stream = Wire.connect(uri, files.client("ca", null)).open("/topics/a")) {
            assertThat(stream.certificate()).isEqualTo(files.certificate("first"));

            files.replace("hub", "second");
            hangUp(program);
            awaitLine(program, "configuration reloaded by SIGHUP; changed: admin.tls, server.tls; needs a restart: nothing");

            try (Wire later = Wire.connect(uri, files.client("ca", null));
                    Wire admin = Wire.connect(admin(program), files.client("ca", null))) {
                assertThat(later.certificate()).isEqualTo(files.certificate("second"));
                assertThat(admin.certificate()).isEqualTo(files.certificate("second"));
                later.request("POST", "/topics/a", "Content-Length: 2").send("hi");
                assertThat(later.answer().status()).isEqualTo(201);
            }
            assertThat(stream.block().data()).isEqualTo("hi");
        }
        program.terminate();
        assertThat(program.awaitExit()).isZero();
    }

    @Test
    void aFileThatIsInvalidChangesNothing() throws Exception {
        TlsFiles files = files();
        Program program = serve(files);
        URI uri = program.awaitUri();
        try (Wire stream = Wire.connect(uri, files.client("ca", null)).open("/topics/a")) {
            Files.writeString(folder.resolve("application.yaml"), "server: {prot: 1}");
            hangUp(program);
            awaitLine(program, "configuration not reloaded by SIGHUP, nothing has changed: unknown key server.prot");
            Files.writeString(folder.resolve("application.yaml"), "delivery: {lanes: 3}");
            hangUp(program);
            awaitLine(program, "configuration reloaded by SIGHUP; changed: nothing; needs a restart: delivery.lanes");

            try (Wire later = Wire.connect(uri, files.client("ca", null))) {
                later.request("POST", "/topics/a", "Content-Length: 2").send("hi");
                assertThat(later.answer().status()).isEqualTo(201);
            }
            assertThat(stream.block().data()).isEqualTo("hi");
        }
    }

    @Test
    void aFileThatCannotBeUsedIsOneLineAtTheStart() throws Exception {
        TlsFiles files = files().authority("other");
        Files.copy(files.path("other.key"), files.path("hub.key"), StandardCopyOption.REPLACE_EXISTING);
        Program program = serve(files);
        assertThat(program.awaitExit()).isEqualTo(1);
        assertThat(program.err().lines()).last().asString().isEqualTo("hark: server.tls.key is '" + files.path("hub.key")
                + "': its key does not belong to the first certificate of '" + files.path("hub.pem")
                + "', which is that of CN=first,O=Shop");
        assertThat(program.err()).doesNotContain("Exception");
    }

    @Test
    void aHubWhoseTerminalIsClosedEnds() throws Exception {
        // Its input is where `script` reads from; the terminal goes with `script`.
        String serve = String.join(" ", PackagedJar.command(List.of()))
                + " serve --set server.port=0 --set admin.port=0 --set log.kind=memory --set drain.window=PT0.1S";
        String command = "echo $$ > " + folder.resolve("pid") + "; exec " + serve + " > " + folder.resolve("out") + " 2>&1";
        Process script = new ProcessBuilder("script", "-qfc", command, "/dev/null")
                .directory(folder.toFile()).redirectOutput(folder.resolve("terminal").toFile()).redirectErrorStream(true).start();
        try {
            await().atMost(Wire.PATIENCE).until(() -> Files.exists(folder.resolve("out")) && read("out").contains("Ctrl-C"));
            ProcessHandle hub = ProcessHandle.of(Long.parseLong(read("pid").strip())).orElseThrow();
            assertThat(run("kill", "-HUP", read("pid").strip())).isZero();
            await().atMost(Wire.PATIENCE).until(() -> read("out").contains("configuration reloaded by SIGHUP"));
            assertThat(hub.isAlive()).isTrue();

            script.destroyForcibly();
            await().atMost(Wire.PATIENCE).until(() -> !hub.isAlive());
            assertThat(read("out")).contains("stopped");
        } finally {
            script.destroyForcibly();
        }
    }

    private TlsFiles files() {
        TlsFiles files = new TlsFiles(folder).authority("ca").certificate("ca", "first").certificate("ca", "second");
        files.replace("hub", "first");
        return files;
    }

    private Program serve(TlsFiles files) throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "");
        List<String> arguments = new ArrayList<>(List.of("--set", "server.port=0", "--set", "admin.port=0", "--set", "log.kind=memory"));
        for (String section : List.of("server", "admin")) {
            files.settings(section, "hub").forEach(each -> arguments.addAll(List.of("--set", each)));
        }
        Program program = Program.start(folder, started.size(), List.of(), arguments.toArray(String[]::new));
        started.add(program);
        return program;
    }

    private static URI admin(Program program) {
        Matcher admin = ADMIN.matcher(program.out());
        assertThat(admin.find()).as(program.out()).isTrue();
        return URI.create(admin.group(1));
    }

    private static void hangUp(Program program) throws Exception {
        assertThat(run("kill", "-HUP", Long.toString(program.process().pid()))).isZero();
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static void awaitLine(Program program, String line) {
        await(line).atMost(Wire.PATIENCE).until(() -> program.err().lines().anyMatch(each -> each.contains(line)));
    }

    private String read(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
