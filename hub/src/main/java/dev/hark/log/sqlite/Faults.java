package dev.hark.log.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/** What SQLite's errors mean for the log, in sentences for the operator. Stateless. */
public final class Faults {
    // Result codes, sqlite.org/rescode.html. The low byte is the kind of error.
    private static final int KIND = 0xff;
    private static final int READONLY = 8;
    private static final int INTERRUPT = 9;
    static final int IOERR = 10;
    static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANTOPEN = 14;
    private static final int NOTADB = 26;
    private static final int IOERR_FSYNC = IOERR | (4 << 8);
    private static final int IOERR_DIR_FSYNC = IOERR | (5 << 8);

    /** A file ends before what it should hold: no disk fails so. */
    private static final int IOERR_SHORT_READ = IOERR | (2 << 8);

    /** There is no room for the index of the WAL, a file of its own. */
    private static final int IOERR_SHMSIZE = IOERR | (19 << 8);

    private static final Set<Integer> FINAL = Set.of(IOERR_FSYNC, IOERR_DIR_FSYNC);

    private Faults() {}

    /**
     * Whether writing must end for good. After a failed fsync the kernel may have thrown away what it could not write and then says that
     * all is well: a second try would acknowledge what is on no disk. A damaged database would only be damaged further.
     */
    static boolean isFinal(SQLException error) {
        return FINAL.contains(code(error)) || isDamage(error);
    }

    /** Whether something was written, and perhaps not flushed to its disk: nobody knows what is there. */
    static boolean isUnflushed(SQLException error) {
        return FINAL.contains(code(error));
    }

    /** Whether the database itself is damaged. */
    public static boolean isDamage(SQLException error) {
        int kind = code(error) & KIND;
        return kind == CORRUPT || kind == NOTADB || code(error) == IOERR_SHORT_READ;
    }

    /** Whether one place cannot be read, for good, and others may be: the database is damaged, or a sector of its disk is. */
    public static boolean isLocal(SQLException error) {
        return isDamage(error) || (code(error) & KIND) == IOERR;
    }

    /** Whether SQLite could not make its files beside the database. */
    public static boolean isAboutFiles(SQLException error) {
        int kind = code(error) & KIND;
        return kind == READONLY || kind == CANTOPEN;
    }

    /** Whether somebody stopped the statement. */
    public static boolean isInterruption(SQLException error) {
        return (code(error) & KIND) == INTERRUPT;
    }

    /** Whether there is no room on the disk. */
    static boolean isFull(SQLException error) {
        return (code(error) & KIND) == FULL || code(error) == IOERR_SHMSIZE;
    }

    /** With all that SQLite said: what the driver calls the error's code is its low byte alone. */
    private static int code(SQLException error) {
        return error instanceof SQLiteException known ? known.getResultCode().code : error.getErrorCode();
    }

    /** What is wrong and what to do where fsync has failed. */
    static String notFlushed(String what) {
        return what + " could not be flushed to its disk; nothing is stored until the disk has been checked and the hub restarted";
    }

    /** Tells {@code log} of what a disk may do at any time: the sentence says all of it, and where in the hub it showed does not matter. */
    static void report(System.Logger log, String sentence, @Nullable Exception cause) {
        log.log(System.Logger.Level.ERROR, sentence);
        if (cause != null) {
            log.log(System.Logger.Level.DEBUG, sentence, cause);
        }
    }

    /** What SQLite said, as a part of a sentence. */
    public static String said(SQLException error) {
        return String.valueOf(error.getMessage()).replaceAll("\\s+", " ");
    }

    /** What is wrong with the log at {@code path}, and what to do. */
    public static String inWords(Path path, SQLException error) {
        return inWords(Role.LOG, path, error);
    }

    /** What is wrong with what lies at {@code path}, and what to do. */
    static String inWords(Role role, Path path, SQLException error) {
        String which = "the " + role.noun() + ' ' + path;
        String said = " (" + said(error) + ")";
        if (FINAL.contains(code(error))) {
            return notFlushed(which) + said;
        }
        int kind = isDamage(error) ? CORRUPT : code(error) & KIND;
        return switch (isFull(error) ? FULL : kind) {
            case FULL -> "the disk of " + which + " is full; make room on it, and publishing goes on" + said;
            case READONLY -> which + " cannot be written; make the file and its folder writable" + said;
            case IOERR -> "the disk of " + which + " fails; check it" + said;
            case CORRUPT -> which + " is damaged; " + role.remedy() + said;
            default -> which + " cannot be used" + said;
        };
    }
}
