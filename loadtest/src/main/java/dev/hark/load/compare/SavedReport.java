package dev.hark.load.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@code report.json} that was written earlier.
 *
 * @param path where it was read
 * @param root what it holds
 */
public record SavedReport(Path path, JsonNode root) {
    /** The newest layout that this program reads. */
    private static final int VERSION = 1;

    /**
     * Reads a report, or the one in a folder.
     *
     * @throws IOException if there is none, or it is of a version that this program does not know
     */
    public static SavedReport read(Path given) throws IOException {
        Path path = Files.isDirectory(given) ? given.resolve("report.json") : given;
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(path.toFile());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IOException(path + " is not a report: " + e.getOriginalMessage(), e);
        }
        int version = root.path("version").asInt(0);
        if (version != VERSION) {
            throw new IOException("%s has version %d; this program reads version %d".formatted(path, version, VERSION));
        }
        return new SavedReport(path, root);
    }
}
