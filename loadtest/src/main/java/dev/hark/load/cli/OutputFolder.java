package dev.hark.load.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The folder for a report, tried before a run: what was measured must not be lost because it cannot be written. */
final class OutputFolder {
    private OutputFolder() {}

    /**
     * Makes the folder if need be, and a file in it, which goes at once.
     *
     * @param option which option names it
     * @throws IllegalArgumentException if no report can be written there
     */
    static void prepare(String option, Path folder) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "hark-load", ".tmp"));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s '%s' cannot be written (%s); name a folder in which files can be made".formatted(option, folder, reason(e)), e);
        }
    }

    /** The same of a folder that is made again when there is something to write; where it was not there, it is not there after this. */
    static void probe(String option, Path folder) {
        boolean wasThere = Files.exists(folder);
        prepare(option, folder);
        if (!wasThere) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                // Somebody else has written into it meanwhile.
            }
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException exists -> exists.getFile() + " is a file";
            case AccessDeniedException denied -> "access to " + denied.getFile() + " is denied";
            case NoSuchFileException missing -> missing.getFile() + " cannot be made";
            default -> String.valueOf(e.getMessage());
        };
    }
}
