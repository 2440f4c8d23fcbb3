package dev.hark.app.floor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fan-out and nothing else: a virtual thread for each stream, one lane that unparks them all, and one write for each event. Any GET is a
 * stream, any POST publishes to all of them.
 */
public final class FanoutFloor {
    private static final int BACKLOG = 4_096;
    private static final int MAX_REQUEST_BYTES = 8_192;

    /** How many events are kept for streams that have not written them yet. */
    private static final int KEPT = 1_024;

    private final List<Thread> streams = new CopyOnWriteArrayList<>();
    private final byte[][] frames = new byte[KEPT][];
    private final Thread lane = Thread.ofPlatform().daemon().name("lane").unstarted(this::wakeAll);

    /** The number of the next event; written under the monitor. */
    private volatile int next;

    private FanoutFloor() {}

    /** @param args the port */
    public static void main(String[] args) throws IOException {
        var floor = new FanoutFloor();
        floor.lane.start();
        try (var listener = new ServerSocket(Integer.parseInt(args[0]), BACKLOG)) {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                Thread.startVirtualThread(() -> floor.serve(socket));
            }
        }
    }

    private void wakeAll() {
        int seen = 0;
        while (true) {
            while (seen == next) {
                LockSupport.park(this);
            }
            seen = next;
            streams.forEach(LockSupport::unpark);
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] bytes = new byte[MAX_REQUEST_BYTES];
            int length = 0;
            while (true) {
                String head = head(bytes, length);
                int end = head == null ? 0 : head.length() + contentLength(head);
                if (head == null || length < end) {
                    int read = in.read(bytes, length, bytes.length - length);
                    if (read <= 0) {
                        return;
                    }
                    length += read;
                } else if (head.startsWith("GET")) {
                    stream(out);
                } else {
                    publish(new String(bytes, head.length(), end - head.length(), StandardCharsets.UTF_8));
                    out.write("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    System.arraycopy(bytes, end, bytes, 0, length - end);
                    length -= end;
                }
            }
        } catch (IOException e) {
            // The client has gone.
        } finally {
            streams.remove(Thread.currentThread());
        }
    }

    private void stream(OutputStream out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        int written = next;
        streams.add(Thread.currentThread());
        while (true) {
            while (written == next) {
                LockSupport.park(this);
            }
            out.write(frames[written++ % KEPT]);
        }
    }

    private synchronized void publish(String data) {
        frames[next % KEPT] = ("id: " + next + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
        next = next + 1;
        LockSupport.unpark(lane);
    }

    /** The request's head with its empty line; null where that has not come yet. */
    private static @Nullable String head(byte[] bytes, int length) {
        String all = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        int end = all.indexOf("\r\n\r\n");
        return end < 0 ? null : all.substring(0, end + "\r\n\r\n".length());
    }

    private static int contentLength(String head) {
        return Arrays.stream(head.split("\r\n"))
                .filter(line -> line.regionMatches(true, 0, "content-length:", 0, "content-length:".length()))
                .mapToInt(line -> Integer.parseInt(line.substring("content-length:".length()).trim()))
                .findFirst()
                .orElse(0);
    }
}
