package dev.hark.app.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** What a proxy is whose hub is away: 502 to whatever it is asked. Thread-safe. */
final class BadGateway implements AutoCloseable {
    private static final byte[] ANSWER = ("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\n"
            + "Content-Length: 14\r\n\r\n<h1>Proxy</h1>").getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server;
    private final AtomicInteger asked = new AtomicInteger();

    BadGateway() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("bad-gateway").start(this::serve);
    }

    private void serve() {
        byte[] head = new byte[8 << 10];
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                if (client.getInputStream().read(head) > 0) {
                    client.getOutputStream().write(ANSWER);
                    asked.incrementAndGet();
                }
            } catch (IOException e) {
                // The client went, or the test is over.
            }
        }
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** How often it has answered. */
    int asked() {
        return asked.get();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
