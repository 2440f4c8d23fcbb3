package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ports run out by decree: an address has only as many as {@link Ports} lets it have. */
class SourceAddressesTest {
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 9);

    @Test
    void goesOnToTheNextAddressWhereThePortsOfOneHaveRunOut() throws IOException {
        var ports = new Ports(2);
        var sources = new SourceAddresses(ports);
        for (int i = 0; i < 6; i++) {
            sources.connect(LOOPBACK, 0).close();
        }
        assertThat(ports.taken).containsExactly("any", "any", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3");
    }

    /** With sockets that are real: the server sees who came. */
    @Test
    void comesFromTheAddressThatItTook() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            var ports = new Ports(0, 0, 1);
            var sources = new SourceAddresses((channel, to) -> {
                ports.take(channel);
                channel.connect(to);
            });
            try (SocketChannel client = sources.connect((InetSocketAddress) server.getLocalAddress(), 4096);
                    SocketChannel accepted = server.accept()) {
                assertThat(((InetSocketAddress) accepted.getRemoteAddress()).getAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.3"));
                assertThat(client.isBlocking()).isFalse();
            }
        }
    }

    @Test
    void endsWhereNoAddressHasAPort() {
        var ports = new Ports(0);
        var sources = new SourceAddresses(ports);
        assertThatThrownBy(() -> sources.connect(LOOPBACK, 0)).isInstanceOf(BindException.class);
        assertThat(ports.refused)
                .hasSize(SourceAddresses.MAX_ADDRESSES + 1).doesNotHaveDuplicates().contains("any", "127.0.0.2", "127.0.0.65");
    }

    @Test
    void hasNoOtherAddressForAnotherMachine() {
        var ports = new Ports(0);
        assertThatThrownBy(() -> new SourceAddresses(ports).connect(ELSEWHERE, 0)).isInstanceOf(BindException.class);
        assertThat(ports.refused).containsExactly("any");
    }

    @Test
    void staysWhereItIsForAnyOtherReason() throws IOException {
        var asked = new ArrayList<String>();
        var sources = new SourceAddresses((channel, to) -> {
            asked.add(Ports.from(channel));
            throw new ConnectException("Connection refused");
        });
        assertThatThrownBy(() -> sources.connect(LOOPBACK, 0)).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> sources.connect(LOOPBACK, 0)).isInstanceOf(ConnectException.class);
        assertThat(asked).containsExactly("any", "any");
        assertThatThrownBy(() -> sources.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 9), 0))
                .isInstanceOf(UnknownHostException.class);
    }

    /** How many ports each address has, in the order of the addresses; the last number is that of all others, too. */
    private static final class Ports implements SourceAddresses.Connector {
        private final int[] each;
        private final List<String> addresses = new ArrayList<>();
        private final List<String> taken = new ArrayList<>();
        private final List<String> refused = new ArrayList<>();

        Ports(int... each) {
            this.each = each;
        }

        @Override
        public void connect(SocketChannel channel, InetSocketAddress to) throws IOException {
            take(channel);
        }

        void take(SocketChannel channel) throws IOException {
            String from = from(channel);
            if (!addresses.contains(from)) {
                addresses.add(from);
            }
            int allowed = each[Math.min(addresses.indexOf(from), each.length - 1)];
            if (taken.stream().filter(from::equals).count() >= allowed) {
                refused.add(from);
                throw new BindException("Cannot assign requested address");
            }
            taken.add(from);
        }

        static String from(SocketChannel channel) throws IOException {
            return channel.getLocalAddress() instanceof InetSocketAddress bound ? bound.getAddress().getHostAddress() : "any";
        }
    }
}
