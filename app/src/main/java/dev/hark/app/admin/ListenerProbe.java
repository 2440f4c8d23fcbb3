package dev.hark.app.admin;

import dev.hark.app.tls.ListenerTls;
import dev.hark.thread.Pulse;
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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the data listener for something every few seconds, as a client would, over TLS where it has that: one that accepts nobody any more
 * is noticed, however well the rest of the node is. So is a probe that cannot tell, because of a defect of its own or because it does not
 * come back: that says nothing of the streams, and ends none, but must not look as if all were well.
 *
 * <p>A virtual thread asks; anybody reads what it found. Thread-safe.
 */
public final class ListenerProbe implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ListenerProbe.class.getName());

    /** One answer that is late may be a busy second; two in a row are not. */
    static final int FAILURES = 2;

    /** With {@link #PERIOD}, once a minute at most. */
    static final int DEFECTS_PER_LINE = 12;

    /** From the beginning of one question to that of the next; what a listener that answers late takes is less. */
    static final Duration LONGEST_ROUND = Duration.ofSeconds(60);

    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final byte[] REQUEST =
            "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final String where;
    private final Question question;
    private final Duration period;
    private final Pulse round;
    private final CountDownLatch closed = new CountDownLatch(1);

    // Written by its thread.
    private volatile int failures;
    private volatile @Nullable Throwable defect;

    // Its thread's.
    private int defects;

    /** What the listener is asked. */
    @FunctionalInterface
    interface Question {
        /** Whether it answers; an {@link IOException} says no, too. */
        boolean isAnswered() throws IOException;
    }

    private ListenerProbe(String where, Question question, Duration period, LongSupplier nanoTime) {
        this.where = where;
        this.question = question;
        this.period = period;
        this.round = new Pulse(nanoTime);
    }

    /** Begins to ask the listener that is bound to {@code host} and {@code port}, and encrypted as {@code tls} says. */
    public static ListenerProbe start(String host, int port, ListenerTls tls) {
        var address = new InetSocketAddress(reachable(host), port);
        return start(address.getHostString() + ':' + port, () -> answers(address, tls), PERIOD, System::nanoTime);
    }

    /** Begins to ask {@code question} once in each {@code period}. */
    static ListenerProbe start(String where, Question question, Duration period, LongSupplier nanoTime) {
        var probe = new ListenerProbe(where, question, period, nanoTime);
        probe.round.begin();
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
            while (!closed.await(period.toNanos(), TimeUnit.NANOSECONDS)) {
                round.begin();
                int before = failures;
                failures = isAnswered() ? 0 : before + 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAnswered() {
        try {
            boolean answered = question.isAnswered();
            defect = null;
            return answered;
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the data listener does not answer", e);
            defect = null;
            return false;
        } catch (RuntimeException | Error e) {
            if (defects++ % DEFECTS_PER_LINE == 0) {
                LOGGER.log(System.Logger.Level.ERROR, "the data listener on " + where + " could not be asked whether it answers", e);
            }
            defect = e;
            return false;
        }
    }

    /** Whether who listens at {@code address} answers, encrypted as {@code tls} says. */
    static boolean answers(InetSocketAddress address, ListenerTls tls) throws IOException {
        try (var socket = new Socket()) {
            socket.bind(null);
            tls.admit(socket);
            try {
                socket.connect(address, (int) PATIENCE.toMillis());
                socket.setSoTimeout((int) PATIENCE.toMillis());
                return tls.isOn() ? TlsAnswer.of(socket, address, REQUEST) : asked(socket);
            } finally {
                tls.dismiss(socket);
            }
        }
    }

    private static boolean asked(Socket socket) throws IOException {
        socket.getOutputStream().write(REQUEST);
        return socket.getInputStream().read() >= 0;
    }

    /** Why clients are not served, or why that is not known: a sentence; empty where they are. */
    public Optional<String> trouble() {
        if (round.isStuck(LONGEST_ROUND)) {
            return Optional.of("the data listener on " + where + " has not been asked whether it answers for "
                    + round.busy().toSeconds() + " s");
        }
        if (failures < FAILURES) {
            return Optional.empty();
        }
        Throwable why = defect;
        return Optional.of(why == null
                ? "the data listener on " + where + " does not answer; all its connections may be in use"
                : "the data listener on " + where + " cannot be asked whether it answers: " + why);
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
