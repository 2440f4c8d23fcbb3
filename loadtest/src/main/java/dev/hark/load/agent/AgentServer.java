package dev.hark.load.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An agent: listens for controllers that know the token, and makes one run at a time.
 *
 * <p>{@link #serve} is for one thread; {@link #close}, from any, ends it.
 */
public final class AgentServer implements AutoCloseable {
    private static final Duration GREETING_PATIENCE = Duration.ofSeconds(5);

    /** Connections that may be about to say their token: a bound on what strangers can hold. */
    private static final int MAX_GREETING = 16;

    private static final long ACCEPT_AGAIN_NANOS = 500_000_000;

    private final ServerSocket server = new ServerSocket();
    private final Token token;
    private final PrintWriter log;
    /** A search has its next run at once: the one before may still be on its way out. */
    private static final long FREE_AGAIN_MILLIS = 500;

    private final Semaphore greeting = new Semaphore(MAX_GREETING);
    private final Semaphore running = new Semaphore(1);

    /** Listens; the log gets a line for each controller. */
    public AgentServer(InetSocketAddress address, Token token, PrintWriter log) throws IOException {
        this.token = token;
        this.log = log;
        try {
            server.bind(address);
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Takes controllers until closed. */
    public void serve() throws IOException {
        while (!server.isClosed()) {
            Socket socket;
            try {
                socket = server.accept();
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
                // Out of descriptors, most likely, which a run that is on gives back.
                log.println("could not accept a connection: " + e.getMessage());
                log.flush();
                LockSupport.parkNanos(ACCEPT_AGAIN_NANOS);
                continue;
            }
            if (greeting.tryAcquire()) {
                Thread.ofVirtual().name("agent").start(() -> greet(socket));
            } else {
                socket.close();
            }
        }
    }

    private void greet(Socket socket) {
        String peer = socket.getInetAddress().getHostAddress() + ":" + socket.getPort();
        boolean admitted = false;
        boolean greeted = false;
        try (socket; var link = new Link(socket)) {
            String refusal = refusal(link);
            greeted = true;
            greeting.release();
            admitted = refusal.isEmpty() && running.tryAcquire(FREE_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            if (!admitted) {
                String reason = refusal.isEmpty() ? "another run is on" : refusal;
                log.println("refused " + peer + ": " + reason);
                link.send(Link.message("refused").put("reason", reason));
                return;
            }
            log.println("a run for " + peer);
            link.send(Link.message("welcome"));
            new AgentSession(link).run();
            log.println("done for " + peer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (EOFException e) {
            log.println("ended for " + peer + ": it left");
        } catch (IOException e) {
            log.println("ended for " + peer + ": " + e.getMessage());
        } finally {
            log.flush();
            if (!greeted) {
                greeting.release();
            }
            if (admitted) {
                running.release();
            }
        }
    }

    /** Why a controller is not let in; empty if it is. */
    private String refusal(Link link) throws IOException {
        link.setPatience(GREETING_PATIENCE);
        JsonNode hello = link.receive(Link.MAX_GREETING_BYTES);
        if (!Link.typeOf(hello).equals("hello") || !token.matches(hello.path("token").asText())) {
            return "wrong token";
        }
        int version = hello.path("version").asInt();
        return version == Link.VERSION ? "" : "the controller speaks version %d, this agent %d".formatted(version, Link.VERSION);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
