package dev.hark.app.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A way from clients to a hub that a test can cut and lay anew, and on which it sees what clients ask for. Thread-safe. */
public final class Cable implements AutoCloseable {
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> answers = new CopyOnWriteArrayList<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile URI target;
    private volatile String marker = "";

    private Cable(ServerSocket server, URI target) {
        this.server = server;
        this.target = target;
    }

    public static Cable to(URI target) {
        try {
            var cable = new Cable(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
            Thread.ofVirtual().name("cable").start(cable::accept);
            return cable;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A path at this end. */
    public String url(String path) {
        return "http://127.0.0.1:" + server.getLocalPort() + path;
    }

    /** Where connections from now on lead. */
    public void layTo(URI next) {
        target = next;
    }

    /** Ends every connection, without a word. */
    void cut() {
        sockets.forEach(Cable::closeQuietly);
    }

    /** Ends each of the next {@code times} connections on which {@code text} comes from the hub, right behind it. */
    public void cutBehind(String text, int times) {
        cuts.set(times);
        marker = text;
    }

    /** How many of these are still to come. */
    public int cutsLeft() {
        return cuts.get();
    }

    /** What was sent towards the hub, piece by piece: for a stream, the head of its request. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** What the hub sent back, piece by piece. */
    List<String> answers() {
        return List.copyOf(answers);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().name("cable-client").start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket client) {
        sockets.add(client);
        try (client;
                var hub = new Socket(target.getHost(), target.getPort())) {
            sockets.add(hub);
            Thread back = Thread.ofVirtual().name("cable-back").start(() -> copy(hub, client, answers, true));
            copy(client, hub, requests, false);
            back.join();
            sockets.remove(hub);
        } catch (IOException e) {
            // Nobody at the other end: the client sees the connection go, and tries again.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(client);
        }
    }

    private void copy(Socket from, Socket to, List<String> record, boolean answering) {
        byte[] buffer = new byte[16 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            String before = "";
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                record.add(text);
                if (answering) {
                    int end = endOfMarker(before, text);
                    if (end > 0 && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        out.write(buffer, 0, end);
                        return;
                    }
                    before = text;
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One end went; the other goes with it.
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    /** How much of {@code text} there is up to the marker's end; 0 where that is not in it. The marker may begin in {@code before}. */
    private int endOfMarker(String before, String text) {
        int at = marker.isEmpty() ? -1 : (before + text).indexOf(marker);
        return at < 0 ? 0 : Math.max(0, at + marker.length() - before.length());
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
