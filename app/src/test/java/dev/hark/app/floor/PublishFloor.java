package dev.hark.app.floor;

import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Publishing and nothing else: Helidon takes a body, one thread writes the bodies of all that wait to a file and flushes it once for them,
 * and each is answered. The file is as long from the start as it will be, and written over, which is the least work for a file system.
 */
public final class PublishFloor {
    private static final int FILE_BYTES = 8 << 20;
    private static final int MAX_GROUP_BYTES = 1 << 20;

    private final FileChannel file;
    private final BlockingQueue<Publish> waiting = new ArrayBlockingQueue<>(4_096);

    private record Publish(ByteBuffer body, CompletableFuture<Void> stored) {}

    private PublishFloor(FileChannel file) {
        this.file = file;
    }

    /** @param args the port, and the file, which is written over */
    public static void main(String[] args) throws IOException {
        FileChannel file = FileChannel.open(Path.of(args[1]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.write(ByteBuffer.allocate(FILE_BYTES), 0);
        file.force(true);
        var floor = new PublishFloor(file);
        Thread.ofPlatform().daemon().name("writer").start(floor::write);
        byte[] answer = "{\"id\":\"00000000-1\"}".getBytes(StandardCharsets.US_ASCII);
        WebServer.builder()
                .port(Integer.parseInt(args[0]))
                .connectionOptions(options -> options.tcpNoDelay(true))
                .routing(routing -> routing.post("/topics/{topic}", (request, response) -> {
                    floor.store(ByteBuffer.wrap(request.content().as(byte[].class)));
                    response.status(Status.CREATED_201).send(answer);
                }))
                .build()
                .start();
    }

    private void store(ByteBuffer body) throws InterruptedException {
        var publish = new Publish(body, new CompletableFuture<>());
        waiting.put(publish);
        publish.stored().join();
    }

    private void write() {
        var group = new ArrayList<Publish>();
        ByteBuffer bytes = ByteBuffer.allocateDirect(MAX_GROUP_BYTES);
        long at = 0;
        try {
            while (true) {
                group.add(waiting.take());
                waiting.drainTo(group);
                group.forEach(publish -> bytes.put(publish.body()));
                bytes.flip();
                if (at + bytes.remaining() > FILE_BYTES) {
                    at = 0;
                }
                while (bytes.hasRemaining()) {
                    at += file.write(bytes, at);
                }
                file.force(false);
                group.forEach(publish -> publish.stored().complete(null));
                group.clear();
                bytes.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
