package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;
import java.nio.file.Path;

/** A log or a replica whose description of itself is not what was stored. */
final class DamagedLogException extends UnusableLogException {
    private static final long serialVersionUID = 1L;

    private final String finding;

    /** @param what what is wrong with it: a sentence */
    DamagedLogException(Role role, Path path, String what) {
        super(finding(role, path, what) + "; " + role.remedy());
        finding = finding(role, path, what);
    }

    private static String finding(Role role, Path path, String what) {
        return "the " + role.noun() + ' ' + path + " is damaged: " + what;
    }

    /** What is wrong, without what to do. */
    String finding() {
        return finding;
    }
}
