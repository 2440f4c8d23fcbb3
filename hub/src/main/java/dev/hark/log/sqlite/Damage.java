package dev.hark.log.sqlite;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stretches of the log that were found damaged, each told to the operator once.
 *
 * <p>Thread-safe.
 */
final class Damage {
    private static final System.Logger LOGGER = System.getLogger(Damage.class.getName());

    /** After so many the operator knows; more would only fill the log that says so. */
    private static final int MAX_REPORTS = 1_000;

    private final Role role;
    private final Path path;
    private final Set<Long> reported = ConcurrentHashMap.newKeySet();

    Damage(Role role, Path path) {
        this.role = role;
        this.path = path;
    }

    /** Says that the events after {@code from} up to {@code through} cannot be read. */
    void report(long from, long through) {
        if (reported.size() < MAX_REPORTS && reported.add(through)) {
            LOGGER.log(System.Logger.Level.ERROR, "the " + role.noun() + ' ' + path + " is damaged: what it stored after event " + from
                    + " up to event " + through + " is lost, and subscribers are told so; check the disk, and "
                    + role.remedy());
        }
    }

    /** How many damaged stretches were found. */
    int count() {
        return reported.size();
    }
}
