package dev.hark.app.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/** The way from one process to a port of another one, which a test can cut, or let fall silent with its connections open. Thread-safe. */
final class Line implements AutoCloseable {
    private static final int BACKLOG = 50;

    private final ServerSocket server;
    private final int target;

    @GuardedBy("this")
    private final Set<Socket> sockets = new HashSet<>();

    @GuardedBy("this")
    private State state = State.OPEN;

    private enum State {
        OPEN,
        /** Nobody comes through, and whoever was through is not any more. */
        CUT,
        /** Everything stays where it is until the line is mended. */
        SILENT
    }

    private Line(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
    }

    static Line to(int target) {
        try {
            var line = new Line(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), target);
            Thread.ofVirtual().name("line").start(line::accept);
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** At this end. */
    int port() {
        return server.getLocalPort();
    }

    void cut() {
        Set<Socket> through;
        synchronized (this) {
            state = State.CUT;
            through = new HashSet<>(sockets);
            notifyAll();
        }
        through.forEach(Line::close);
    }

    synchronized void silence() {
        state = State.SILENT;
    }

    synchronized void mend() {
        state = State.OPEN;
        notifyAll();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().name("line-through").start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket client) {
        try (client) {
            if (!enter(client)) {
                return;
            }
            try (var to = new Socket(InetAddress.getLoopbackAddress(), target)) {
                to.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                if (enter(to)) {
                    Thread back = Thread.ofVirtual().name("line-back").start(() -> copy(to, client));
                    copy(client, to);
                    back.join();
                }
                leave(to);
            }
        } catch (IOException e) {
            // Nobody at the other end: the client sees the connection go, and tries again.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            leave(client);
        }
    }

    /** False where the line is cut. */
    private synchronized boolean enter(Socket socket) throws InterruptedException {
        while (state == State.SILENT) {
            wait();
        }
        return state == State.OPEN && sockets.add(socket);
    }

    private synchronized void leave(Socket socket) {
        sockets.remove(socket);
    }

    private synchronized void awaitSound() throws InterruptedException {
        while (state == State.SILENT) {
            wait();
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[16 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                awaitSound();
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One end went; the other goes with it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
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
