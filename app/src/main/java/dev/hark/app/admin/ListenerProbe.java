package dev.hark.app.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks the data listener for something every few seconds, as a client would, over TLS where it has that: one that accepts nobody any more
 * is noticed, however well the rest of the node is.
 *
 * <p>A virtual thread asks; anybody reads what it found. Thread-safe.
 */
public final class ListenerProbe implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ListenerProbe.class.getName());

    /** One answer that is late may be a busy second; two in a row are not. */
    private static final int FAILURES = 2;

    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final byte[] REQUEST =
            "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final InetSocketAddress address;
    private final boolean tls;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile int failures;

    private ListenerProbe(InetSocketAddress address, boolean tls) {
        this.address = address;
        this.tls = tls;
    }

    /** Begins to ask the listener that is bound to {@code host} and {@code port}. */
    public static ListenerProbe start(String host, int port, boolean tls) {
        var probe = new ListenerProbe(new InetSocketAddress(reachable(host), port), tls);
        Thread.ofVirtual().name("hark-listener-probe").start(probe::run);
        return probe;
    }

    /** Who listens everywhere listens on loopback. */
    private static InetAddress reachable(String host) {
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("host " + host + " has no address", e);
        }
    }

    private void run() {
        try {
            while (!closed.await(PERIOD.toNanos(), TimeUnit.NANOSECONDS)) {
                int before = failures;
                failures = answers() ? 0 : before + 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(address, (int) PATIENCE.toMillis());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            return tls ? TlsAnswer.of(socket, address, REQUEST) : asked(socket);
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the data listener does not answer", e);
            return false;
        }
    }

    private static boolean asked(Socket socket) throws IOException {
        socket.getOutputStream().write(REQUEST);
        return socket.getInputStream().read() >= 0;
    }

    /** Why clients are not served: a sentence; empty where they are. */
    public Optional<String> trouble() {
        return failures < FAILURES
                ? Optional.empty()
                : Optional.of("the data listener on " + address.getHostString() + ':' + address.getPort()
                        + " does not answer; all its connections may be in use");
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
