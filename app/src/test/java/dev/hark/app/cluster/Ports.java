package dev.hark.app.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Ports that nobody listens on. Stateless. */
final class Ports {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int MAX_TRIES = 1_000;

    private Ports() {}

    /** Below those that the system gives to whoever connects, so that a process that is down for a while finds its own again. */
    static List<Integer> free(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int tries = 0; sockets.size() < count; tries++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
                try {
                    sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
                } catch (BindException e) {
                    if (tries == MAX_TRIES) {
                        throw e;
                    }
                }
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /** For each name all but the last digit of ports, of which those that end in 1, 2 and 3 are free. */
    static Map<String, String> tens(List<String> names) {
        Map<String, String> all = new HashMap<>();
        for (int tries = 0; all.size() < names.size(); tries++) {
            String ten = Integer.toString(ThreadLocalRandom.current().nextInt(FIRST / 10, LAST / 10));
            if (!all.containsValue(ten) && isFree(ten + 1) && isFree(ten + 2) && isFree(ten + 3)) {
                all.put(names.get(all.size()), ten);
            } else if (tries == MAX_TRIES) {
                throw new IllegalStateException("no three ports in a row are free");
            }
        }
        return all;
    }

    private static boolean isFree(String port) {
        try (var socket = new ServerSocket(Integer.parseInt(port), 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
