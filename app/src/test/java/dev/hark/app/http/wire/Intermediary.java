package dev.hark.app.http.wire;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hark.app.Ports;
import dev.hark.app.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A proxy that keeps its connections to the hub, and gives each to whoever comes next. Confined to the test's thread. */
record Intermediary(Process process, int port) implements AutoCloseable {
    /** Those that are tried, as they are by default, and as lenient as they can be made. */
    enum Kind {
        NGINX("nginx", ""),
        NGINX_LENIENT("nginx", """
                ignore_invalid_headers off;
                underscores_in_headers on;
                merge_slashes off;
                large_client_header_buffers 8 512k;
                """),
        HAPROXY("haproxy", ""),
        HAPROXY_LENIENT("haproxy", "    option accept-invalid-http-request\n");

        private final String program;
        private final String leniency;

        Kind(String program, String leniency) {
            this.program = program;
            this.leniency = leniency;
        }
    }

    /** Starts one before {@code hub}, with its files in {@code folder}; skips the test where there is none, but fails in CI. */
    static Intermediary start(Kind kind, URI hub, Path folder) throws IOException {
        Path program = find(kind.program);
        int port = Ports.free();
        Path config = folder.resolve(kind + ".conf");
        List<String> command = switch (kind) {
            case NGINX, NGINX_LENIENT -> {
                Files.writeString(config, nginx(kind.leniency, hub.getAuthority(), port, folder));
                yield List.of(program.toString(), "-p", folder.toString(), "-c", config.toString(), "-e", "stderr");
            }
            case HAPROXY, HAPROXY_LENIENT -> {
                Files.writeString(config, haproxy(kind.leniency, hub.getAuthority(), port));
                yield List.of(program.toString(), "-db", "-f", config.toString());
            }
        };
        return start(kind.program, command, port, folder);
    }

    /** Starts HAProxy with {@code config}, which has it listen on {@code port}. */
    static Intermediary haproxy(String config, int port, Path folder) throws IOException {
        Path program = find(Kind.HAPROXY.program);
        Path file = Files.writeString(folder.resolve("haproxy.cfg"), config);
        return start(Kind.HAPROXY.program, List.of(program.toString(), "-db", "-f", file.toString()), port, folder);
    }

    private static Intermediary start(String name, List<String> command, int port, Path folder) throws IOException {
        Path log = folder.resolve(name + ".log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        var intermediary = new Intermediary(process, port);
        await(name).atMost(Wire.PATIENCE).until(() -> {
            if (!process.isAlive()) {
                fail(name + " ended:\n" + Files.readString(log));
            }
            return intermediary.accepts();
        });
        return intermediary;
    }

    private static String nginx(String leniency, String hub, int port, Path folder) {
        String temporary = Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                .map(kind -> kind + "_temp_path " + folder.resolve(kind) + ";\n")
                .collect(Collectors.joining());
        return """
                daemon off;
                master_process off;
                pid %s;
                error_log stderr crit;
                events { worker_connections 512; }
                http {
                    access_log off;
                    %s
                    upstream hub { server %s; keepalive 4; }
                    server {
                        listen 127.0.0.1:%d;
                        client_max_body_size 0;
                        %s
                        location / {
                            proxy_pass http://hub;
                            proxy_http_version 1.1;
                            proxy_request_buffering off;
                            proxy_set_header Connection "";
                            proxy_set_header Host $http_host;
                        }
                    }
                }
                """.formatted(folder.resolve("pid"), temporary, hub, port, leniency);
    }

    private static String haproxy(String leniency, String hub, int port) {
        return """
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 20s
                    timeout server 20s
                frontend all
                    bind 127.0.0.1:%d
                %s    default_backend hub
                backend hub
                    http-reuse always
                    server one %s
                """.formatted(port, leniency, hub);
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private boolean accepts() {
        try (Socket socket = connect()) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static Path find(String program) {
        Stream<String> path = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"));
        return Stream.concat(Stream.of("/usr/sbin", "/usr/bin"), path)
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> missing(program));
    }

    private static Path missing(String program) {
        String left = "no " + program + " on the PATH: left out is the table of requests through it";
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
