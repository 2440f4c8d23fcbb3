package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code app/bin/hark} as a process: first the real one, then a copy among a Maven and a Java that only say what they were told. */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "nobody asks a hub for anything")
class LauncherIT {
    private static final Path LAUNCHER = Path.of("bin", "hark").toAbsolutePath();

    @TempDir
    Path folder;

    private Path root;
    private Path tools;

    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void copyTheLauncher() throws IOException {
        root = Files.createDirectories(folder.resolve("a clone")).toRealPath();
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String sources : List.of("hub/src/main", "app/src/main", "app/bin")) {
            Files.createDirectories(root.resolve(sources));
        }
        for (String pom : List.of("pom.xml", "hub/pom.xml", "app/pom.xml")) {
            Files.writeString(root.resolve(pom), "<project/>");
        }
        Files.copy(LAUNCHER, root.resolve("app/bin/hark"), StandardCopyOption.COPY_ATTRIBUTES);
        script("mvn",
                "echo \"mvn $*\" >>\"" + root + "/mvn.log\"; pwd >>\"" + root + "/mvn.log\";"
                        + " mkdir -p app/target; : >app/target/hark.jar; printf '\\033[0m'");
        script("java", "[ \"$1\" = -version ] && { echo 'openjdk version \"25.0.1\"' >&2; exit; }; pwd; printf '%s\\n' \"$@\"");
    }

    @Test
    void runsTheRealProgram() throws Exception {
        Ended version = run(LAUNCHER, folder, Map.of("HARK_BUILD", "never", "PATH", System.getenv("PATH")), "--version");
        Ended check = run(LAUNCHER, folder,
                Map.of("HARK_BUILD", "never", "PATH", System.getenv("PATH"), "HARK_JAVA_OPTS", "-Xmx64m"), "check-config");

        assertThat(version.err()).isEmpty();
        assertThat(version.out()).startsWith("hark ").contains("(Java ");
        assertThat(version.code()).isZero();
        assertThat(check.err()).isEmpty();
        assertThat(check.out()).startsWith("The configuration is fine: ").contains("application.yaml");
        assertThat(check.code()).isZero();
    }

    @Test
    void readsTheWorkingDirectorysConfigurationBeforeTheRepositorys() throws Exception {
        Files.writeString(folder.resolve("application.yaml"), "server: {prt: 1}\n");
        Ended check = run(LAUNCHER, folder, Map.of("HARK_BUILD", "never", "PATH", System.getenv("PATH")), "check-config");

        assertThat(check.code()).isEqualTo(1);
        assertThat(check.err()).contains("unknown key server.prt");
    }

    @Test
    void buildsOnceAndAgainAfterAChange() throws Exception {
        Ended first = launch(folder, "serve");
        Ended second = launch(folder, "serve");
        assertThat(first.err()).contains("building").doesNotContain("\u001B");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).containsExactly("mvn -q -B -Dstyle.color=never -pl app -am -Dmaven.test.skip=true package", root.toString());

        Path source = Files.writeString(root.resolve("hub/src/main/New.java"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(launch(folder, "serve").err()).contains("building");
        assertThat(builds()).hasSize(4);
    }

    @Test
    void keepsTheWorkingDirectoryAndTheArguments() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("else where")).toRealPath();
        List<String> lines = launch(elsewhere, "publish", "a b", "").out().lines().toList();

        assertThat(lines.getFirst()).isEqualTo(elsewhere.toString());
        assertThat(lines).contains(
                "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-Dhark.fallback-config=" + root.resolve("application.yaml"));
        assertThat(lines.subList(lines.size() - 5, lines.size()))
                .containsExactly("-jar", root.resolve("app/target/hark.jar").toString(), "publish", "a b", "");
    }

    @Test
    void servesWithTheCollectorOfAServer() throws Exception {
        assertThat(flags("-Xmx1g", "serve")).containsSubsequence("-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError", "-Xmx1g", "-jar");
    }

    @Test
    void keepsTheHeapOfAServerNearWhatLives() throws Exception {
        List<String> tuning = List.of("-XX:G1ExpandByPercentOfAvailable=0", "-XX:MaxHeapFreeRatio=40", "-XX:G1PeriodicGCInterval=60000");

        assertThat(flags("", "serve")).containsSubsequence("-XX:+UnlockExperimentalVMOptions", tuning.getFirst(), "-jar")
                .containsAll(tuning)
                .noneMatch(option -> option.startsWith("-Xmx"));
        assertThat(flags("-Xmx1g", "serve")).containsAll(tuning).contains("-Xmx1g");
        assertThat(flags("-XX:+UseZGC", "serve")).doesNotContainAnyElementsOf(tuning);
        assertThat(flags("", "publish")).doesNotContainAnyElementsOf(tuning);
    }

    @Test
    void givesAnExperimentalOptionOnlyToTheJavaThatItWasTriedWith() throws Exception {
        script("java", "[ \"$1\" = -version ] && { echo 'openjdk version \"26.0.1\"' >&2; exit; }; printf '%s\\n' \"$@\"");

        assertThat(flags("", "serve")).contains("-XX:MaxHeapFreeRatio=40")
                .doesNotContain("-XX:+UnlockExperimentalVMOptions", "-XX:G1ExpandByPercentOfAvailable=0");
    }

    /** The real Java: an option that it does not know, or not with another collector, would keep it from starting. */
    @ParameterizedTest
    @ValueSource(strings = {"", "-Xmx128m", "-XX:+UseZGC", "-XX:+UseSerialGC -Xmx64m"})
    void startsARealServerWithWhateverIsGiven(String options) throws Exception {
        Ended serve = run(LAUNCHER, folder,
                Map.of("HARK_BUILD", "never", "PATH", System.getenv("PATH"), "HARK_JAVA_OPTS", options), "serve", "--set", "server.prt=1");

        assertThat(serve.err()).contains("unknown key server.prt").doesNotContainIgnoringCase("VM");
        assertThat(serve.code()).isEqualTo(1);
    }

    @Test
    void leavesTheCollectorToWhoeverChoosesOne() throws Exception {
        // The JVM refuses to start with two.
        assertThat(flags("-XX:+UseZGC", "serve")).contains("-XX:+UseZGC").doesNotContain("-XX:+UseG1GC");
        assertThat(flags("-XX:+UseZGC", "publish")).contains("-XX:+UseZGC").doesNotContain("-XX:+UseSerialGC");
    }

    @Test
    void keepsItsCollectorBesideOptionsThatOnlyLookLikeOne() throws Exception {
        String options = "-XX:+UseTransparentHugePages -XX:ParallelGCThreads=2 -XX:+UseGCOverheadLimit -XX:+UseMaximumCompactionOnSystemGC";

        assertThat(flags(options, "serve"))
                .containsSubsequence("-XX:+UseG1GC", "-Xms64m", "-XX:+UseTransparentHugePages", "-XX:ParallelGCThreads=2");
        assertThat(flags(options, "publish")).contains("-XX:+UseSerialGC", "-XX:+UseTransparentHugePages");
        assertThat(flags(options + "\n\t-XX:+UseZGC", "serve")).contains("-XX:+UseZGC").doesNotContain("-XX:+UseG1GC");
    }

    private List<String> flags(String options, String command) throws Exception {
        return run(root.resolve("app/bin/hark"), folder, Map.of("PATH", path(), "HARK_JAVA_OPTS", options), command).out().lines().toList();
    }

    @Test
    void followsSymbolicLinks() throws Exception {
        Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("a clone/app/bin/hark"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), first);

        assertThat(run(second, folder, Map.of("PATH", path()), "serve").out()).contains("-jar\n" + root.resolve("app/target/hark.jar"));
    }

    @Test
    void saysThatThereIsNoMaven() throws Exception {
        Files.delete(tools.resolve("mvn"));
        Path bare = bareTools();
        Ended ended = run(root.resolve("app/bin/hark"), folder, Map.of("PATH", tools + ":" + bare), "serve");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("there is no mvn on the PATH");
    }

    @Test
    void saysThatTheBuildFailed() throws Exception {
        script("mvn", "printf '\\033[1mbroken\\033[0m\\n'; exit 3");
        Ended ended = launch(folder, "serve");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("broken\n", "the build failed").doesNotContain("\u001B");
    }

    @Test
    void passesOverAJavaThatIsTooOld() throws Exception {
        script("java", "[ \"$1\" = -version ] && { echo 'openjdk version \"17.0.1\"' >&2; exit; }; echo old");
        Path newer = Files.createDirectories(folder.resolve("jdk/bin"));
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"26\"\n");
        executable(newer.resolve("java"), "echo new");

        Ended ended = run(
                root.resolve("app/bin/hark"), folder, Map.of("PATH", path(), "JAVA_HOME", folder.resolve("jdk").toString()), "serve");
        assertThat(ended.out()).isEqualTo("new\n");
    }

    /** The few programs that the launcher itself needs, without a Maven among them. */
    private Path bareTools() throws IOException {
        Path bare = Files.createDirectories(folder.resolve("bare"));
        for (String name : List.of("sh", "dirname", "readlink", "sed", "head", "find", "mktemp", "touch", "rm")) {
            executable(bare.resolve(name), "PATH=/usr/bin:/bin exec " + name + " \"$@\"");
        }
        return bare;
    }

    private String path() {
        return tools + ":/usr/bin:/bin";
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(root.resolve("mvn.log"));
    }

    private Ended launch(Path directory, String... args) throws Exception {
        return run(root.resolve("app/bin/hark"), directory, Map.of("PATH", path()), args);
    }

    private Ended run(Path launcher, Path directory, Map<String, String> environment, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/sh", launcher.toString()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end within a minute");
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private void script(String name, String body) throws IOException {
        executable(tools.resolve(name), body);
    }

    private static void executable(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
