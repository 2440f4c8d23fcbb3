package dev.hark.app.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A service of an example, as a process of its own. Thread-safe.
 *
 * @param url without a path
 */
record ExampleService(Process process, Path out, String url) implements AutoCloseable {
    /** Of a JVM's start beside a browser, too. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Starts {@code command} in {@code folder}, and waits until somebody listens at {@code url}. */
    static ExampleService start(Path folder, String url, Map<String, String> environment, List<String> command) {
        try {
            Path out = Files.createTempFile("hark-example", ".out");
            var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            var service = new ExampleService(builder.start(), out, url);
            try {
                service.awaitListening();
            } catch (RuntimeException | Error e) {
                service.close();
                throw e;
            }
            return service;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the {@code service.mjs} of an example, in the example's own folder. */
    static ExampleService node(String example, ExampleHub hub, String... arguments) {
        return node(ExampleHub.EXAMPLES.resolve(example), hub, hub.environment(), arguments);
    }

    /** The same in another folder, with {@code environment}. */
    static ExampleService node(Path folder, ExampleHub hub, Map<String, String> environment, String... arguments) {
        var command = new ArrayList<>(List.of("node", "service.mjs"));
        command.addAll(List.of(arguments));
        return start(folder, hub.serviceUrl(""), environment, command);
    }

    private void awaitListening() {
        await(url).atMost(PATIENCE).until(() -> {
            assertThat(process.isAlive()).as(said()).isTrue();
            try {
                CLIENT.send(HttpRequest.newBuilder(URI.create(url + "/nothing")).build(), BodyHandlers.discarding());
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Ships an order; the answer, once there is one. */
    CompletableFuture<HttpResponse<String>> ship(int order) {
        URI uri = URI.create(url + "/orders/" + order + "/ship");
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).POST(BodyPublishers.noBody()).build();
        return CLIENT.sendAsync(request, BodyHandlers.ofString());
    }

    /** Ships an order, and looks what the answer is. */
    void ship(int order, int status) {
        HttpResponse<String> answer = ship(order).join();
        assertThat(answer.statusCode()).as(answer.body() + said()).isEqualTo(status);
    }

    private String said() {
        try {
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Files.delete(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
