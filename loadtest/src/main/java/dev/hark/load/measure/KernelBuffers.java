package dev.hark.load.measure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much a Linux kernel lets a connection hold, in bytes; 0 where it does not say. A reader that has stopped is not noticed until the
 * sender's buffer and its own are full.
 *
 * @param maxSend the largest send buffer
 * @param maxReceive the largest receive buffer
 */
public record KernelBuffers(long maxSend, long maxReceive) {
    private static final int MAX_FILE_BYTES = 4096;

    /** Those of the kernel that shows itself under {@code proc}. */
    public static KernelBuffers of(Path proc) {
        return new KernelBuffers(last(proc.resolve("sys/net/ipv4/tcp_wmem")), last(proc.resolve("sys/net/ipv4/tcp_rmem")));
    }

    /** The last of three numbers: the least, the first and the most. Read in one piece: such a file gives nothing to a second read. */
    private static long last(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String[] values = new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.US_ASCII).strip().split("\\s+");
            return Long.parseLong(values[values.length - 1]);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
