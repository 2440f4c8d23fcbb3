package dev.hark.app;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the process may have open at once. A listener that finds no descriptor for a connection ends for good in Helidon; so it waits before
 * the last one, and connections queue at the operating system until others have gone. Stateless.
 */
final class Descriptors {
    /** For what is opened later: the log's readers, files that are looked at, sockets between accept and close. */
    private static final long RESERVED = 64;

    private Descriptors() {}

    /** How many connections there may be, at least one, beside {@code others} and what is open already. */
    static int forConnections(int others) {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)) {
            return Integer.MAX_VALUE;
        }
        long free = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount() - others - RESERVED;
        return Math.clamp(free, 1, Integer.MAX_VALUE);
    }
}
