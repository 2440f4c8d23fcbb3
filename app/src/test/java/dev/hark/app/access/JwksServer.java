package dev.hark.app.access;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.JOSEException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An address where an issuer has its keys, which answers as a test wants it to. Thread-safe. */
public final class JwksServer implements AutoCloseable {
    private final HttpServer server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger abandoned = new AtomicInteger();
    private volatile Behaviour behaviour;

    /** What it does with a request. */
    @FunctionalInterface
    public interface Behaviour {
        void answer(HttpExchange exchange) throws IOException;
    }

    private JwksServer(int port, Behaviour behaviour) {
        this.behaviour = behaviour;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(task -> Thread.ofVirtual().start(task));
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            try (exchange) {
                this.behaviour.answer(exchange);
            } catch (IOException e) {
                abandoned.incrementAndGet();
            }
        });
        server.start();
    }

    public static JwksServer start(Behaviour behaviour) {
        return start(0, behaviour);
    }

    static JwksServer start(int port, Behaviour behaviour) {
        return new JwksServer(port, behaviour);
    }

    /** A key for ES256. */
    public static ECKey key(String kid) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has {@code keys}, the public halves of them. */
    public static Behaviour keys(JWK... keys) {
        return text(200, "application/jwk-set+json", new JWKSet(List.of(keys)).toString(true));
    }

    static Behaviour text(int status, String type, String text) {
        return exchange -> {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        };
    }

    /** Takes a request, and says nothing. */
    public Behaviour silence() {
        return exchange -> awaitEnd();
    }

    /** Half a body, and then nothing. */
    Behaviour half(String text) {
        return exchange -> {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
            awaitEnd();
        };
    }

    /** White space before a set, a byte at a time, for as long as the client takes it. */
    Behaviour trickle() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (!awaitEndFor(20)) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
            }
        };
    }

    private void awaitEnd() {
        while (!awaitEndFor(60_000)) {
            // It is for the client to give up.
        }
    }

    private boolean awaitEndFor(long millis) {
        try {
            return closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    public void does(Behaviour next) {
        behaviour = next;
    }

    /** How often it was asked. */
    public int requests() {
        return requests.get();
    }

    /** How many clients went before they had all. */
    int abandoned() {
        return abandoned.get();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }
}
