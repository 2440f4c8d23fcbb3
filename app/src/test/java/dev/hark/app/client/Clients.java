package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The client libraries that {@code .ci/clients} has installed, and what the examples need. Stateless. */
public final class Clients {
    public static final Path FOLDER = Path.of("target", "clients").toAbsolutePath();

    private static final Path SOURCES = Path.of("src", "test", "clients");
    private static final Path EXAMPLES = Path.of("..", "docs", "examples");

    private Clients() {}

    /** Skips the test, or fails it where {@code CI} is {@code true}, unless what {@code language} needs is installed as it is asked for. */
    public static void require(String language) {
        require(language, SOURCES.resolve(language), file -> true);
    }

    /** The same for the packages of an example; their folder. */
    public static Path requirePackages(String example) {
        return require(example, EXAMPLES.resolve(example), file -> file.getFileName().toString().startsWith("package"));
    }

    /** The same for an example that is built; its folder. */
    public static Path requireBuilt(String example) {
        return require(example, EXAMPLES.resolve(example), file -> !file.endsWith("README.md"));
    }

    private static Path require(String name, Path source, Predicate<Path> isInput) {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).filter(isInput).toList()) {
                Path installed = FOLDER.resolve(name + ".stamp").resolve(source.relativize(file));
                if (!Files.exists(installed) || !Arrays.equals(Files.readAllBytes(file), Files.readAllBytes(installed))) {
                    leaveOut(name + " is not installed as it is now: run .ci/clients " + name);
                }
            }
            return FOLDER.resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Skips the test, or fails it where {@code CI} is {@code true}, unless each of {@code programs} is on the path. */
    public static void requireOnPath(String... programs) {
        for (String program : programs) {
            boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            if (!found) {
                leaveOut("no " + program + " on the PATH");
            }
        }
    }

    private static void leaveOut(String why) {
        String message = why + ": what it makes of a hub is left out";
        if ("true".equals(System.getenv("CI"))) {
            fail(message);
        }
        abort(message);
    }

    /** The browser client as an npm package. */
    public static Path tarball() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            List<Path> found = files.filter(file -> file.getFileName().toString().matches("hark-client-.*\\.tgz")).toList();
            assertThat(found).as("what the build has made; mvn package makes it").hasSize(1);
            return found.getFirst().toAbsolutePath();
        }
    }

    /** A Node program among the tests' resources, where it finds its packages. */
    static Listener node(String program, String... arguments) {
        return Listener.run(Stream.concat(Stream.of("node", script(program).toString()), Stream.of(arguments)).toList());
    }

    /** What such a program says, a line each, once it has ended well. */
    public static List<String> runNode(String program, String... arguments) {
        Path errors = FOLDER.resolve(program + ".err");
        try {
            List<String> command = Stream.concat(Stream.of("node", script(program).toString()), Stream.of(arguments)).toList();
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
            assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + program + " ran", e);
        }
    }

    /** Puts a program, or what one imports, where it finds its packages; whole at once, as another test's program may be reading it. */
    public static Path script(String program) {
        Path script = FOLDER.resolve("node").resolve(program);
        try (var source = Clients.class.getResourceAsStream("/client/" + program)) {
            if (source == null) {
                throw new IllegalArgumentException("no program " + program);
            }
            Path whole = Files.createTempFile(script.getParent(), program, ".tmp");
            Files.write(whole, source.readAllBytes());
            Files.move(whole, script, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return script;
    }

    /** Libraries that follow a stream over its ends, with the programs that use them. */
    enum Library {
        EVENTSOURCE("node"),
        HTTPX_SSE("python"),
        SSECLIENT_PY("python"),
        REQUESTS_SSE("python"),
        LAUNCHDARKLY("go"),
        GO_SSE("go"),
        EVENTSOURCE_CLIENT("rust"),
        REQWEST_EVENTSOURCE("rust"),
        OKHTTP_SSE("java"),
        OKHTTP_EVENTSOURCE("java");

        final String language;

        Library(String language) {
            this.language = language;
        }

        Listener follow(String url) {
            return switch (this) {
                case EVENTSOURCE -> node("eventsource.mjs", url, "hark.open", "hark.position");
                case HTTPX_SSE -> python("httpx_sse_loop.py", url);
                case SSECLIENT_PY -> python("sseclient_loop.py", url);
                case REQUESTS_SSE -> python("requests_sse_loop.py", url);
                case LAUNCHDARKLY -> compiled("go/launchdarkly", url);
                case GO_SSE -> compiled("go/gosse", url);
                case EVENTSOURCE_CLIENT -> compiled("rust/build/release/eventsource-client", url);
                case REQWEST_EVENTSOURCE -> compiled("rust/build/release/reqwest-eventsource", url);
                case OKHTTP_SSE -> java("OkHttpSse", url);
                case OKHTTP_EVENTSOURCE -> java("LaunchDarkly", url);
            };
        }

        private static Listener python(String program, String url) {
            return Listener.run(List.of(pythonOfClients(), SOURCES.resolve("python").resolve(program).toString(), url));
        }

        private static Listener java(String program, String url) {
            Path built = FOLDER.resolve("java").resolve("target");
            String classes = built.resolve("classes") + File.pathSeparator + built.resolve("lib").resolve("*");
            String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            return Listener.run(List.of(java, "-XX:TieredStopAtLevel=1", "-cp", classes, program, url));
        }

        private static Listener compiled(String program, String url) {
            return Listener.run(List.of(FOLDER.resolve(program).toString(), url));
        }
    }

    /** The Python that has the packages. */
    static String pythonOfClients() {
        return FOLDER.resolve("python").resolve("venv").resolve("bin").resolve("python").toString();
    }
}
