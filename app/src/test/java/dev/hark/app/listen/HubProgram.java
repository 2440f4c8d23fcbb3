package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Program;
import dev.hark.app.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged hub as a process, with descriptors of its own, and what it says of itself. Thread-safe. */
final class HubProgram implements AutoCloseable {
    private static final Path CONFIG = Path.of("..", "application.yaml").toAbsolutePath().normalize();
    private static final Pattern ADMIN = Pattern.compile("health and metrics: (http://\\S+:[1-9][0-9]*)");

    private final Program program;
    private final URI uri;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private HubProgram(Program program) {
        this.program = program;
        this.uri = program.awaitUri();
    }

    /**
     * One on a log in memory.
     *
     * @param settings {@code key=value}, as {@code --set} takes them
     */
    static HubProgram start(int descriptors, Path folder, List<String> settings) {
        return start(descriptors, folder, List.of(), settings);
    }

    /** The same, with {@code options} of the JVM. */
    static HubProgram start(int descriptors, Path folder, List<String> options, List<String> settings) {
        List<String> arguments = new ArrayList<>(List.of("--config", CONFIG.toString()));
        List<String> all = new ArrayList<>(List.of("server.port=0", "admin.port=0", "log.kind=memory"));
        all.addAll(settings);
        all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return new HubProgram(Program.startWithDescriptors(descriptors, folder, 0, options, arguments.toArray(String[]::new)));
    }

    URI uri() {
        return uri;
    }

    String err() {
        return program.err();
    }

    HttpResponse<String> admin(String path) {
        Matcher admin = ADMIN.matcher(program.out());
        assertThat(admin.find()).isTrue();
        return send(HttpRequest.newBuilder(URI.create(admin.group(1) + path)));
    }

    /** The status of publishing {@code data}. */
    int publish(String topic, String data) {
        return send(HttpRequest.newBuilder(URI.create(uri + "/topics/" + topic)).POST(HttpRequest.BodyPublishers.ofString(data)))
                .statusCode();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.timeout(Wire.PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    double metric(String name) {
        return admin("/metrics").body()
                .lines()
                .filter(line -> line.startsWith(name + '{') || line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        program.kill();
    }
}
