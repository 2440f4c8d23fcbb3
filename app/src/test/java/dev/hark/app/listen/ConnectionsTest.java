package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.PlainSocket;
import io.helidon.webserver.ConnectionContext;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real sockets, in a time that the test moves. */
@Timeout(30)
class ConnectionsTest {
    private static final int PLACES = 4;
    private static final Duration ARRIVAL = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofMillis(1);

    private final AtomicLong nanos = new AtomicLong(1);
    private final ListenCounters counters = new ListenCounters();
    private final Connections connections = new Connections("test", new ListenSettings(PLACES, false, ARRIVAL), nanos::get, counters);
    private final List<SocketChannel> opened = new ArrayList<>();
    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void end() throws IOException {
        listener.close();
        for (SocketChannel channel : opened) {
            channel.close();
        }
    }

    // ---- how long it takes

    @Test
    void closesAHandshakeThatTakesTooLong() throws Exception {
        Pair pair = connect();
        pass(ARRIVAL);
        connections.sweep();
        assertThat(pair.hub.isOpen()).isTrue();
        assertThat(connections.held()).isEqualTo(1);
        pass(MOMENT);
        connections.sweep();
        assertThat(pair.hub.isOpen()).isFalse();
        assertThat(connections.held()).isZero();
        assertCounted(counters.slowHandshakes, 1);
        assertCounted(counters.failedHandshakes, 0);
    }

    @Test
    void givesThePlaceOfAFailedHandshakeBack() throws Exception {
        Pair pair = connect();
        // As Helidon does.
        pair.hub.close();
        connections.sweep();
        assertThat(connections.held()).isZero();
        assertCounted(counters.failedHandshakes, 1);
        assertCounted(counters.slowHandshakes, 0);
    }

    @Test
    void closesAHeadThatTakesTooLongHoweverOftenSomethingComes() throws Exception {
        Pair pair = connect();
        Connection connection = pair.connection;
        connection.opened();
        pass(ARRIVAL.multipliedBy(3));
        connections.sweep();
        assertThat(pair.hub.isOpen()).as("who asks for nothing is Helidon's").isTrue();

        connection.beforeRead(false);
        connection.afterRead(1);
        for (int i = 0; i < 10; i++) {
            pass(ARRIVAL.dividedBy(10));
            connection.beforeRead(true);
            connection.afterRead(1);
            connections.sweep();
            assertThat(pair.hub.isOpen()).isTrue();
        }
        pass(MOMENT);
        connections.sweep();
        assertThat(pair.hub.isOpen()).isFalse();
        assertCounted(counters.slowHeads, 1);
    }

    @Test
    void startsTheClockOfAHeadThatCameWithTheRequestBefore() throws Exception {
        Pair pair = connect();
        pair.connection.opened();
        pair.connection.afterRead(100);
        pair.connection.requestBegins(20);
        pair.connection.requestEnds();
        pair.connection.beforeRead(true);
        pass(ARRIVAL.plus(MOMENT));
        connections.sweep();
        assertThat(pair.hub.isOpen()).isFalse();
        assertCounted(counters.slowHeads, 1);
    }

    @Test
    void refusesABodyOfWhichTooLittleComes() throws Exception {
        Connection connection = inRequest(connect());
        connection.beforeRead(false);
        connection.afterRead(Connection.LEAST_BODY_BYTES - 1);
        pass(ARRIVAL.plus(MOMENT));
        connection.beforeRead(false);
        assertThat(connection.bodyTooSlow()).hasMessageContaining("10239 bytes");
        assertCounted(counters.slowBodies, 1);
    }

    @Test
    void givesABodyThatArrivesAllTheTimeItNeeds() throws Exception {
        Connection connection = inRequest(connect());
        List<Integer> told = new ArrayList<>();
        connection.tellArrivals(told::add);
        for (int i = 0; i < 100; i++) {
            connection.beforeRead(false);
            pass(ARRIVAL);
            connection.afterRead(Connection.LEAST_BODY_BYTES);
            connections.sweep();
        }
        assertThat(told).hasSize(100).containsOnly(Connection.LEAST_BODY_BYTES);
        connection.requestEnds();
        pass(ARRIVAL.multipliedBy(3));
        connections.sweep();
        assertThat(counters.slowBodies.sum()).isZero();
    }

    @Test
    void refusesABodyThatTrickles() throws Exception {
        Connection connection = inRequest(connect());
        connection.beforeRead(false);
        pass(ARRIVAL);
        connection.afterRead(1);
        connection.beforeRead(false);
        pass(MOMENT);
        assertThatExceptionOfType(BodyTooSlowException.class).isThrownBy(() -> connection.afterRead(1));
    }

    /** A record of TLS may come byte by byte, and no read ends then. */
    @Test
    void cutsABodyWhoseReadDoesNotEnd() throws Exception {
        Pair pair = connect();
        inRequest(pair).beforeRead(false);
        pass(ARRIVAL.plusSeconds(2));
        connections.sweep();
        assertThat(pair.hub.isOpen()).isTrue();
        pass(MOMENT);
        connections.sweep();
        assertThat(pair.hub.isOpen()).isFalse();
        assertCounted(counters.slowBodies, 1);
    }

    @Test
    void readsWithoutALimitOnceABodyIsRead() throws Exception {
        Pair pair = connect();
        Connection connection = inRequest(pair);
        connection.beforeRead(false);
        assertThat(pair.hub.socket().getSoTimeout()).isEqualTo(ARRIVAL.toMillis());
        connection.requestEnds();
        assertThat(pair.hub.socket().getSoTimeout()).isZero();
        connection.beforeRead(false);
        assertThat(pair.hub.socket().getSoTimeout()).isZero();
    }

    // ---- who gives way

    @Test
    void hasWhoNeverAskedGiveWayFirst() throws Exception {
        Pair kept = connect();
        inRequest(kept).requestEnds();
        pass(MOMENT);
        Pair handshake = connect();
        pass(Duration.ofSeconds(3));
        Pair idle = connect();
        idle.connection.opened();
        pass(MOMENT);
        Pair last = connect();
        assertOpen(kept, true, handshake, false, idle, true, last, true);
        assertThat(connections.held()).as("nobody serves a handshake").isEqualTo(PLACES - 1);
        assertCounted(counters.evicted, 1);

        connect();
        assertOpen(kept, true, idle, false, last, true);
        // Served by a thread, which gives the place back.
        idle.connection.finish();
        assertThat(connections.held()).isEqualTo(PLACES - 1);
    }

    @Test
    void sparesWhoIsServedAndWhoCame() throws Exception {
        Pair stream = connect();
        inRequest(stream).becomesStream();
        Pair request = connect();
        inRequest(request);
        Pair another = connect();
        inRequest(another);
        Pair newcomer = connect();
        assertOpen(stream, true, request, true, another, true, newcomer, true);
        connections.sweep();
        assertOpen(newcomer, true);
        assertCounted(counters.evicted, 0);

        another.connection.requestEnds();
        connections.sweep();
        assertThat(another.hub.isOpen()).as("it asked a moment ago, and nobody is known to wait").isTrue();
        pass(Duration.ofSeconds(3));
        connections.sweep();
        assertThat(another.hub.isOpen()).isTrue();
        assertThat(newcomer.hub.isOpen()).as("it never asked").isFalse();
    }

    /** In a storm it is the hub that they wait for. */
    @Test
    void sparesYoungHandshakes() throws Exception {
        Pair first = connect();
        pass(MOMENT);
        connect();
        connect();
        connect();
        connections.sweep();
        assertThat(first.hub.isOpen()).isTrue();
        pass(Duration.ofSeconds(2));
        connections.sweep();
        assertThat(first.hub.isOpen()).isFalse();
    }

    @Test
    void sparesWhoseRequestWasNotReadYet() throws Exception {
        Pair asked = connect();
        asked.connection.opened();
        asked.client.write(ByteBuffer.wrap(new byte[] {'G'}));
        await().until(() -> asked.hub.socket().getInputStream().available() > 0);
        pass(MOMENT);
        Pair silent = connect();
        silent.connection.opened();
        pass(MOMENT);
        connect();
        connect();
        assertOpen(asked, true, silent, false);
    }

    @Test
    void doesNotServeWhoWasMadeToGive() throws Exception {
        Pair first = connect();
        first.connection.opened();
        connect();
        connect();
        connect();
        assertThat(first.hub.isOpen()).isFalse();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
            first.connection.afterRead(1);
            first.connection.requestBegins(0);
            first.connection.beforeRead(false);
            first.hub.read(ByteBuffer.allocate(1));
        });
        assertThat(first.connection.phase()).isEqualTo(Connection.Phase.CLOSED);
    }

    @Test
    void givesAPlaceBackOnce() throws Exception {
        Pair pair = connect();
        inRequest(pair).becomesStream();
        assertThat(connections.held()).isEqualTo(1);
        pair.connection.finish();
        pair.connection.finish();
        pair.hub.close();
        connections.sweep();
        assertThat(connections.held()).isZero();
    }

    @Test
    void resetsWhoDoesNotTakeTheEndOfTls() throws Exception {
        var tls = new Connections("tls", new ListenSettings(PLACES, true, ARRIVAL), nanos::get, counters);
        Pair pair = connect(tls);
        inRequest(pair).becomesStream();
        pair.connection.finish();
        assertThat(tls.held()).isZero();
        pass(ARRIVAL.plus(MOMENT));
        tls.sweep();
        assertThat(pair.hub.isOpen()).isFalse();
        assertCounted(counters.slowEnds, 1);
    }

    // ---- a client that comes again from the same port

    /** Its handshake fails, and it is back before anybody looks. */
    @Test
    void givesThePlaceBackOfWhomANewerOneOfTheSameEndsFollows() throws Exception {
        Pair first = connect();
        first.hub.close();
        Pair again = connectAgain(first);
        assertThat(again.connection.ends()).isEqualTo(first.connection.ends());
        assertThat(connections.held()).isEqualTo(1);
        assertCounted(counters.failedHandshakes, 1);

        again.hub.close();
        connections.sweep();
        assertThat(connections.held()).isZero();
        assertCounted(counters.failedHandshakes, 2);
    }

    @Test
    void watchesTheNewerOneWhereTheOlderEndsAfterIt() throws Exception {
        var tls = new Connections("tls", new ListenSettings(PLACES, true, ARRIVAL), nanos::get, counters);
        Pair first = connect(tls);
        inRequest(first);
        Pair again = connectAgain(first, tls);
        // Its thread finds out by itself.
        first.connection.finish();
        assertThat(tls.held()).isEqualTo(1);
        pass(ARRIVAL.plus(MOMENT));
        tls.sweep();
        assertThat(again.hub.isOpen()).as("its handshake takes too long").isFalse();
        assertThat(tls.held()).isZero();
    }

    /** The thread that is to serve the older one may come to it when the newer one is there. */
    @Test
    void doesNotTakeTheNewerOneForTheOlder() throws Exception {
        Pair first = connect();
        Pair again = connectAgain(first);
        assertThat(connections.open(served(first)).connection()).isEmpty();
        assertThat(connections.open(served(again)).connection()).contains(again.connection);
        assertThat(connections.held()).isEqualTo(1);
        again.connection.finish();
        assertThat(connections.held()).isZero();
    }

    /** As Helidon serves it, without TLS. */
    private static ConnectionContext served(Pair pair) {
        HelidonSocket socket = PlainSocket.server(pair.hub.socket(), "child", "parent");
        return (ConnectionContext) Proxy.newProxyInstance(
                ConnectionsTest.class.getClassLoader(), new Class<?>[] {ConnectionContext.class}, (context, method, arguments) ->
                        switch (method.getName()) {
                            case "serverSocket" -> socket;
                            case "remotePeer" -> peer(pair.connection.ends().remote());
                            case "localPeer" -> peer(pair.connection.ends().local());
                            case String other -> throw new UnsupportedOperationException(other);
                        });
    }

    private static PeerInfo peer(SocketAddress address) {
        return (PeerInfo) Proxy.newProxyInstance(
                ConnectionsTest.class.getClassLoader(), new Class<?>[] {PeerInfo.class}, (peer, method, arguments) ->
                        switch (method.getName()) {
                            case "address" -> address;
                            case String other -> throw new UnsupportedOperationException(other);
                        });
    }

    /** Resets {@code before}, and connects from where that did. */
    private Pair connectAgain(Pair before) throws IOException {
        return connectAgain(before, connections);
    }

    private Pair connectAgain(Pair before, Connections to) throws IOException {
        SocketAddress from = before.client.getLocalAddress();
        before.client.setOption(StandardSocketOptions.SO_LINGER, 0);
        before.client.close();
        SocketChannel client = SocketChannel.open();
        opened.add(client);
        client.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        client.bind(from);
        client.connect(listener.getLocalAddress());
        return accept(client, to);
    }

    /**
     * A connection, with both its ends.
     *
     * @param hub    the listener's
     * @param client the other one's
     */
    private record Pair(SocketChannel hub, SocketChannel client, Connection connection) {}

    private Pair connect() throws IOException {
        return connect(connections);
    }

    private Pair connect(Connections to) throws IOException {
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        opened.add(client);
        return accept(client, to);
    }

    private Pair accept(SocketChannel client, Connections to) throws IOException {
        SocketChannel hub = listener.accept();
        opened.add(hub);
        return new Pair(hub, client, to.accepted(hub).orElseThrow());
    }

    private static Connection inRequest(Pair pair) {
        pair.connection.opened();
        pair.connection.afterRead(1);
        pair.connection.requestBegins(0);
        return pair.connection;
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static void assertOpen(Object... pairs) {
        for (int i = 0; i < pairs.length; i += 2) {
            assertThat(((Pair) pairs[i]).hub.isOpen()).as("connection %s of those asked for", i / 2).isEqualTo(pairs[i + 1]);
        }
    }

    private static void assertCounted(LongAdder counter, long expected) {
        assertThat(counter.sum()).isEqualTo(expected);
    }
}
