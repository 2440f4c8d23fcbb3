package dev.hark.log.jetstream;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ServerInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The connection to NATS, which comes back by itself. Nothing is kept for later while it is away: what is sent then is refused, and what
 * was asked before is answered with an {@link IOException} at once. Thread-safe.
 */
final class Link implements AutoCloseable {
    /** How soon a server that hangs is left for another: two pings without an answer. */
    private static final Duration PING_INTERVAL = Duration.ofSeconds(2);

    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(2);
    private static final Duration RECONNECT_WAIT = Duration.ofMillis(200);
    private static final Duration FLUSH_PATIENCE = Duration.ofMillis(250);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(4);

    private static final int NOBODY = 503;

    private static final System.Logger LOGGER = System.getLogger(Link.class.getName());

    private final JetStreamSettings settings;
    private final ExecutorService threads;
    private final ScheduledExecutorService timer;
    /** In an order: what is told last is what is. */
    private final ExecutorService callbacks;
    private final Map<Long, CompletableFuture<Message>> asked = new ConcurrentHashMap<>();
    private final AtomicLong asks = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition connected = lock.newCondition();

    /** Written with the lock held. */
    private volatile boolean closed;

    private volatile @Nullable Connection connection;
    /** Written with the lock held. */
    private volatile Consumer<Connection> begins = begun -> {};
    private volatile String lastError = "";

    /** Grows whenever the connection ends or begins. */
    private final AtomicInteger changes = new AtomicInteger();

    Link(JetStreamSettings settings) {
        this.settings = settings;
        ThreadFactory factory = Thread.ofPlatform().daemon().name("hark-nats-", 0).factory();
        threads = Executors.newCachedThreadPool(factory);
        timer = Executors.newSingleThreadScheduledExecutor(factory);
        callbacks = Executors.newSingleThreadExecutor(factory);
    }

    /**
     * Connects where there is no connection that comes back by itself.
     *
     * @throws AuthenticationException if that is refused
     */
    void connect() throws IOException, InterruptedException {
        Connection now = connection;
        if (now != null && now.getStatus() != Connection.Status.CLOSED) {
            return;
        }
        Connection made;
        try {
            made = Nats.connect(options());
        } catch (IOException e) {
            if (lastError.isEmpty()) {
                // Otherwise a listener was told more than the list of servers that this names.
                note(e);
            }
            throw e;
        }
        lock.lock();
        try {
            if (!closed) {
                connection = made;
                begins.accept(made);
                connected.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        made.close();
    }

    /** Has {@code action} done with the present connection, and with each that takes its place. Called once. */
    void onEachConnection(Consumer<Connection> action) {
        lock.lock();
        try {
            begins = action;
            Connection now = connection;
            if (now != null && now.getStatus() != Connection.Status.CLOSED) {
                action.accept(now);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is a connection; false where there is none in time. */
    boolean awaitConnected(long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (!isConnected() && !closed && left > 0) {
                left = connected.awaitNanos(left);
            }
            return isConnected() && !closed;
        } finally {
            lock.unlock();
        }
    }

    boolean isConnected() {
        Connection now = connection;
        return now != null && now.getStatus() == Connection.Status.CONNECTED;
    }

    /** What the server says of itself to which there is a connection; null where there is none. */
    @Nullable ServerInfo server() {
        Connection now = connection;
        return now != null && now.getStatus() == Connection.Status.CONNECTED ? now.getServerInfo() : null;
    }

    /** Another number whenever the connection is another one. */
    int changes() {
        return changes.get();
    }

    /** @throws IOException if there is none now */
    Connection connection() throws IOException {
        Connection now = connection;
        if (now == null || now.getStatus() != Connection.Status.CONNECTED) {
            throw new NotSentException(why().orElse("not connected to NATS"));
        }
        return now;
    }

    /** Why there is no connection; none where there is one. */
    Optional<String> why() {
        if (closed) {
            return Optional.of("the journal is closed");
        }
        if (isConnected()) {
            return Optional.empty();
        }
        String error = lastError;
        return Optional.of("not connected to NATS at " + String.join(", ", settings.servers()) + (error.isEmpty() ? "" : ": " + error));
    }

    /** What went wrong with this connection last, in the servers' words or the client's; "" where nothing has. */
    String lastError() {
        return lastError;
    }

    /**
     * Sends what needs no answer.
     *
     * @throws NotSentException if it certainly was not sent
     */
    void send(String subject, byte[] body) throws IOException {
        try {
            connection().publish(subject, body);
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new NotSentException(e.getMessage());
        }
    }

    /**
     * The answer to a request.
     *
     * @throws NotSentException if it was not sent, or nobody was there to take it
     * @throws IOException      if there is none in time
     */
    Message ask(String subject, @Nullable Headers headers, byte[] body, Duration patience) throws IOException, InterruptedException {
        CompletableFuture<Message> answer;
        try {
            answer = connection().request(subject, headers, body);
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new NotSentException(e.getMessage());
        }
        long key = asks.incrementAndGet();
        asked.put(key, answer);
        try {
            if (!isConnected()) {
                // It went between, and nobody else may have seen this one.
                throw new IOException("the connection went away");
            }
            Message message = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return message;
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no answer for " + patience.toMillis() + " ms");
        } catch (CancellationException e) {
            throw new IOException("the connection went away");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof JetStreamStatusException status && status.getStatus().getCode() == NOBODY) {
                throw new NotSentException("nobody is there to answer (" + NOBODY + "): no JetStream, no stream, or no leader");
            }
            throw new IOException(e.getCause() == null ? "no answer" : e.getCause().getMessage());
        } finally {
            asked.remove(key);
        }
    }

    private Options options() throws IOException {
        Options.Builder options = Options.builder()
                .servers(settings.servers().toArray(String[]::new))
                .ignoreDiscoveredServers()
                .hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
                .connectionName(settings.name())
                .maxReconnects(-1)
                .reconnectBufferSize(0)
                .reconnectWait(RECONNECT_WAIT)
                .connectionTimeout(CONNECT_PATIENCE)
                .pingInterval(PING_INTERVAL)
                .maxPingsOut(2)
                .executor(threads)
                .scheduledExecutor(timer)
                .connectExecutor(threads)
                .readerExecutor(threads)
                .writerExecutor(threads)
                .callbackExecutor(callbacks)
                .reportNoResponders()
                .connectionListener(new Changes())
                .errorListener(new Errors());
        if (settings.isEncrypted()) {
            SSLContext tls = settings.tls();
            options.sslContext(tls == null ? Tls.trusting(null, null) : tls);
        }
        switch (settings.access()) {
            case Access.Open _ -> {}
            case Access.CredentialsFile credentials -> options.authHandler(SigningKey.ofCredentials(credentials.file()));
            case Access.SeedFile seed -> options.authHandler(SigningKey.ofSeed(seed.file()));
            case Access.User user -> options.userInfo(user.name().toCharArray(), user.password().toCharArray());
            case Access.Token token -> options.token(token.token().toCharArray());
        }
        return options.build();
    }

    private void note(Exception e) {
        Throwable cause = e;
        while (cause.getCause() != null && (cause instanceof IOException || cause instanceof ExecutionException)) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        lastError = message == null || cause instanceof GeneralSecurityException ? cause.toString() : message;
    }

    private void change() {
        lock.lock();
        try {
            changes.incrementAndGet();
            connected.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection in a bounded time, whatever the server does. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            connected.signalAll();
        } finally {
            lock.unlock();
        }
        failAsked();
        Connection last = connection;
        if (last != null) {
            Thread closing = Thread.ofPlatform().daemon().name("hark-nats-close").start(() -> close(last));
            try {
                closing.join(CLOSE_PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        threads.shutdownNow();
        timer.shutdownNow();
        callbacks.shutdownNow();
    }

    private static void close(Connection connection) {
        try {
            if (connection.getStatus() == Connection.Status.CONNECTED) {
                connection.flush(FLUSH_PATIENCE);
            }
        } catch (TimeoutException | IllegalStateException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "NATS hangs as it is left", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void failAsked() {
        asked.values().forEach(answer -> answer.completeExceptionally(new IOException("the connection went away")));
    }

    /** A request that reached nobody, for certain. */
    static final class NotSentException extends IOException {
        NotSentException(@Nullable String message) {
            super(message);
        }
    }

    private final class Changes implements ConnectionListener {
        @Override
        @Deprecated
        public void connectionEvent(Connection source, Events type) {
            // The other one is called.
        }

        @Override
        public void connectionEvent(Connection source, Events type, Long time, String details) {
            switch (type) {
                case DISCONNECTED, CLOSED -> {
                    failAsked();
                    change();
                    LOGGER.log(System.Logger.Level.DEBUG, "NATS: {0}", type);
                }
                case CONNECTED, RECONNECTED -> {
                    lastError = "";
                    change();
                    LOGGER.log(System.Logger.Level.DEBUG, "NATS: {0} to {1}", type, source.getConnectedUrl());
                }
                case RESUBSCRIBED, DISCOVERED_SERVERS, LAME_DUCK -> {}
            }
        }
    }

    /** The client's own would print what it is told. */
    private final class Errors implements ErrorListener {
        @Override
        public void errorOccurred(Connection source, String error) {
            lastError = error;
        }

        @Override
        public void exceptionOccurred(Connection source, Exception e) {
            note(e);
        }
    }
}
