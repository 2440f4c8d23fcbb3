package dev.hark.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The TCP sockets of this machine as Linux tells them, those included that no process holds any more.
 *
 * @param localPort  of the socket's own end
 * @param remotePort of the other end
 * @param state      as the kernel numbers them (include/net/tcp_states.h)
 * @param unsent     bytes that were written and not acknowledged
 */
public record KernelSockets(int localPort, int remotePort, int state, long unsent) {
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final int ESTABLISHED = 1;
    private static final int TIME_WAIT = 6;
    private static final int LISTEN = 10;

    /** Those whose own end is {@code port}: the server's side of its connections. */
    public static List<KernelSockets> of(int port) {
        return TABLES.stream().filter(Files::exists).flatMap(KernelSockets::read).filter(socket -> socket.localPort == port).toList();
    }

    /** Those of {@code port} that were closed, and still wait for their client to take something: FIN-WAIT, CLOSING, LAST-ACK. */
    public static List<KernelSockets> lingering(int port) {
        return of(port).stream().filter(socket -> !List.of(ESTABLISHED, TIME_WAIT, LISTEN).contains(socket.state)).toList();
    }

    private static Stream<KernelSockets> read(Path table) {
        try {
            return Files.readAllLines(table).stream().skip(1).map(KernelSockets::parse);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KernelSockets parse(String line) {
        String[] fields = line.strip().split("\\s+");
        return new KernelSockets(
                port(fields[1]), port(fields[2]), Integer.parseInt(fields[3], 16), Long.parseLong(fields[4].split(":")[0], 16));
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}
