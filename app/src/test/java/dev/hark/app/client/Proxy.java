package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hark.app.Ports;
import dev.hark.app.Wire;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A proxy in front of a hub, as {@code docs/operating.md} has it set up, but for addresses, TLS and shorter times. Confined to the
 * test's thread.
 */
public final class Proxy implements AutoCloseable {
    private static final Path DOCS = Path.of("..", "docs", "operating.md");

    /** How soon a client comes back that was told that the hub is away; the recipes say three seconds. */
    private static final String RETRY = "retry: 3000";

    private static final String QUICK_RETRY = "retry: 0300";

    /** How long one waits for an answer by its recipe, and where a test has no time for that. */
    private static final String PATIENT = "60s";

    private static final String IMPATIENT = "1s";

    /** Each backend's one in HAProxy's recipe. */
    private static final String SERVER = "    server hub 127.0.0.1:8080";

    /** Those that there are recipes for. */
    public enum Kind {
        NGINX("nginx", "proxy_read_timeout "),
        HAPROXY("haproxy", "timeout server  "),
        CADDY("caddy", "response_header_timeout ");

        /** What it is called, and the language of its recipe. */
        private final String program;

        /** What stands before how long it waits for an answer. */
        private final String timeout;

        Kind(String program, String timeout) {
            this.program = program;
            this.timeout = timeout;
        }
    }

    private final Process process;
    private final int port;

    private Proxy(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts one before {@code hub}, with its files in {@code folder}; skips the test where there is none, but fails in CI. */
    static Proxy start(Kind kind, String hub, Path folder) throws IOException {
        return start(kind, recipe(kind), hub, folder);
    }

    /** HAProxy before several hubs, which it looks after; the same else. */
    public static Proxy startBefore(List<URI> hubs, Path folder) throws IOException {
        String recipe = recipe(Kind.HAPROXY);
        assertThat(recipe).contains(SERVER);
        String all = IntStream.range(0, hubs.size())
                .mapToObj(i -> "    server hub" + i + ' ' + hubs.get(i).getAuthority() + " check inter 100ms fall 1 rise 1")
                .collect(Collectors.joining("\n"));
        return start(Kind.HAPROXY, recipe.replace(SERVER, "    option redispatch 1\n" + all), hubs.getFirst().toString(), folder);
    }

    /** The same, one that does not wait for an answer for long. */
    static Proxy startImpatient(Kind kind, String hub, Path folder) throws IOException {
        String recipe = recipe(kind);
        assertThat(recipe).containsOnlyOnce(kind.timeout + PATIENT);
        return start(kind, recipe.replace(kind.timeout + PATIENT, kind.timeout + IMPATIENT), hub, folder);
    }

    private static Proxy start(Kind kind, String printed, String hub, Path folder) throws IOException {
        Path program = find(kind);
        int port = Ports.free();
        String recipe = printed.replace("127.0.0.1:8080", URI.create(hub).getAuthority()).replace(RETRY, QUICK_RETRY);
        List<String> command = switch (kind) {
            case NGINX -> nginx(program, recipe, port, folder);
            case HAPROXY -> haproxy(program, recipe, port, folder);
            case CADDY -> caddy(program, recipe, port, folder);
        };
        Path log = folder.resolve("proxy.log");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("HOME", folder.toString(), "XDG_CONFIG_HOME", folder.toString()));
        var proxy = new Proxy(builder.start(), port);
        await(kind.program).atMost(Wire.PATIENCE).until(() -> {
            if (!proxy.process.isAlive()) {
                fail(kind.program + " ended:\n" + Files.readString(log));
            }
            return proxy.accepts();
        });
        return proxy;
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    private boolean accepts() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> nginx(Path program, String recipe, int port, Path folder) throws IOException {
        String server = recipe.replace("listen 443 ssl http2;", "listen 127.0.0.1:" + port + ";")
                .replaceAll("(?m)^ *ssl_certificate.*$", "");
        StringBuilder temporary = new StringBuilder();
        for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            temporary.append(kind).append("_temp_path ").append(folder.resolve(kind)).append(";\n");
        }
        Path config = Files.writeString(folder.resolve("nginx.conf"), "daemon off; master_process off; pid " + folder.resolve("pid")
                + ";\nerror_log stderr;\nevents { worker_connections 512; }\nhttp {\naccess_log off;\n" + temporary + server + "\n}\n");
        return List.of(program.toString(), "-p", folder.toString(), "-c", config.toString(), "-e", "stderr");
    }

    private static List<String> haproxy(Path program, String recipe, int port, Path folder) throws IOException {
        Path away = folder.resolve("away.http");
        Matcher shell = Pattern.compile("printf '(HTTP/1.1 200[^']*)'").matcher(Files.readString(DOCS));
        if (!shell.find()) {
            return fail("no error file in " + DOCS);
        }
        Files.writeString(away, shell.group(1).replace("\\r", "\r").replace("\\n", "\n").replace(RETRY, QUICK_RETRY));
        Path config = Files.writeString(folder.resolve("haproxy.cfg"), recipe.replaceAll("bind :443.*", "bind 127.0.0.1:" + port)
                .replace("/etc/haproxy/away.http", away.toString()));
        return List.of(program.toString(), "-db", "-f", config.toString());
    }

    private static List<String> caddy(Path program, String recipe, int port, Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("Caddyfile"),
                "{\n    admin off\n}\n" + recipe.replace("hub.example.com {", "http://:" + port + " {\n    bind 127.0.0.1"));
        return List.of(program.toString(), "run", "--adapter", "caddyfile", "--config", config.toString());
    }

    private static String recipe(Kind kind) throws IOException {
        Matcher block = Pattern.compile("```" + kind.program + "\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCS));
        return block.find() ? block.group(1) : fail("no recipe for " + kind.program + " in " + DOCS);
    }

    private static Path find(Kind kind) {
        Stream<String> path = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        return Stream.concat(Stream.of("/usr/sbin", "/usr/bin"), path)
                .map(folder -> Path.of(folder, kind.program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> missing(kind));
    }

    private static Path missing(Kind kind) {
        String left = "no " + kind.program + " on the PATH: left out is a browser behind it while the hub is restarted";
        return "true".equals(System.getenv("CI")) ? fail(left) : abort(left);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
