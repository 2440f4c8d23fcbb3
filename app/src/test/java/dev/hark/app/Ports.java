package dev.hark.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Ports that nobody listens on, for what has to know its own before it starts, or keeps it over restarts. They are below those that the
 * system gives to whoever connects or asks for any port, and none is given twice. Thread-safe.
 */
public final class Ports {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int MAX_TRIES = 1_000;

    /** Guarded by itself. */
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /** One. */
    public static int free() {
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (take(List.of(port))) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    public static List<Integer> free(int count) {
        return Stream.generate(Ports::free).limit(count).toList();
    }

    /** For each name all but the last digit of ports, of which those that end in 1, 2 and 3 are free. */
    public static Map<String, String> tens(List<String> names) {
        Map<String, String> all = new HashMap<>();
        for (int tries = 0; all.size() < names.size(); tries++) {
            int ten = ThreadLocalRandom.current().nextInt(FIRST / 10, LAST / 10);
            if (take(IntStream.rangeClosed(1, 3).mapToObj(last -> 10 * ten + last).toList())) {
                all.put(names.get(all.size()), Integer.toString(ten));
            } else if (tries == MAX_TRIES) {
                throw new IllegalStateException("no three ports in a row are free");
            }
        }
        return all;
    }

    private static boolean take(List<Integer> ports) {
        synchronized (GIVEN) {
            if (ports.stream().anyMatch(GIVEN::contains) || !ports.stream().allMatch(Ports::isFree)) {
                return false;
            }
            return GIVEN.addAll(ports);
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
