package dev.hark.load.drive;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;

/**
 * Begins connections, and goes on to the next loopback address (127.0.0.2 and so on) when the ports of one have run out.
 *
 * <p>Confined to one thread.
 */
final class SourceAddresses {
    /** One address has some 28,000 ports, so this is beyond what the descriptors of a process allow. */
    static final int MAX_ADDRESSES = 64;

    /** How a connection is begun; a test lets ports run out. */
    @FunctionalInterface
    interface Connector {
        void connect(SocketChannel channel, InetSocketAddress to) throws IOException;
    }

    private final Connector connector;

    /** 0 leaves the choice to the kernel; from 1 on, 127.0.0.(1 + n). */
    private int current;

    SourceAddresses() {
        this(SocketChannel::connect);
    }

    SourceAddresses(Connector connector) {
        this.connector = connector;
    }

    /** Begins to connect; the channel is non-blocking and not yet registered. A receive buffer of 0 leaves the kernel's default. */
    SocketChannel connect(InetSocketAddress to, int receiveBufferBytes) throws IOException {
        if (to.isUnresolved()) {
            throw new UnknownHostException(to.getHostString() + " is not known");
        }
        for (int attempt = 0; ; attempt++) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                if (receiveBufferBytes > 0) {
                    channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
                }
                if (current > 0) {
                    channel.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (1 + current)}), 0));
                }
                connector.connect(channel, to);
                return channel;
            } catch (IOException e) {
                channel.close();
                boolean canTryAnother = to.getAddress() != null && to.getAddress().isLoopbackAddress() && attempt < MAX_ADDRESSES;
                if (Failure.of(e) != Failure.NO_PORTS || !canTryAnother) {
                    throw e;
                }
                current = 1 + current % MAX_ADDRESSES;
            }
        }
    }
}
