package dev.hark.log.replicated;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A copy of a replica as it is kept: compressed, with a digest. Stateless. */
final class SnapshotFile {
    private static final int BUFFER_BYTES = 1 << 16;

    private SnapshotFile() {}

    /**
     * What a file became.
     *
     * @param digest SHA-256 over the compressed bytes, in hexadecimal
     */
    record Packed(long bytes, long contentBytes, String digest) {}

    /** Compresses {@code content} into {@code packed}. */
    static Packed pack(Path content, Path packed) throws IOException {
        try (InputStream in = Files.newInputStream(content);
                var out = new Digesting(Files.newOutputStream(packed), Long.MAX_VALUE)) {
            try (var compressed = new FastGzip(out)) {
                in.transferTo(compressed);
            }
            return new Packed(out.bytes, Files.size(content), out.digest());
        }
    }

    /**
     * Reads {@code snapshot} to its end.
     *
     * @throws DamagedSnapshotException in one sentence, if it is not what was kept
     * @throws AwayException            if nobody says so now
     */
    static void check(Snapshots snapshots, Snapshot snapshot) throws IOException, InterruptedException {
        fetch(snapshots, snapshot, OutputStream.nullOutputStream());
    }

    /**
     * Writes what {@code snapshot} was made of to {@code content}.
     *
     * @param packed where its bytes may stand meanwhile
     * @throws DamagedSnapshotException in one sentence, if it is not what was kept
     * @throws AwayException            if nobody says so now
     * @throws IOException              if it cannot be written here
     */
    static void unpack(Snapshots snapshots, Snapshot snapshot, Path packed, Path content) throws IOException, InterruptedException {
        try {
            try (OutputStream out = Files.newOutputStream(packed)) {
                fetch(snapshots, snapshot, out);
            }
            try (var in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(packed), BUFFER_BYTES), BUFFER_BYTES);
                    var out = new Digesting(Files.newOutputStream(content), snapshot.contentBytes())) {
                in.transferTo(out);
                if (out.bytes != snapshot.contentBytes()) {
                    throw new DamagedSnapshotException(
                            "it has " + out.bytes + " bytes once it is expanded, not " + snapshot.contentBytes());
                }
            }
        } finally {
            Files.deleteIfExists(packed);
        }
    }

    /**
     * Writes what is kept as {@code snapshot} to {@code to}.
     *
     * @throws DamagedSnapshotException in one sentence, if it is not what was kept
     * @throws AwayException            if nobody says so now
     * @throws IOException              as {@code to} says
     */
    static void fetch(Snapshots snapshots, Snapshot snapshot, OutputStream to) throws IOException, InterruptedException {
        var out = new Digesting(to, snapshot.bytes());
        try {
            snapshots.fetch(snapshot, out);
        } catch (IOException e) {
            // Whoever gives the bytes may say it in other words.
            if (out.refusal != null) {
                throw out.refusal;
            }
            throw e instanceof DamagedSnapshotException ? e : new AwayException(e);
        }
        String digest = out.digest();
        if (out.bytes != snapshot.bytes() || !digest.equals(snapshot.digest())) {
            throw new DamagedSnapshotException("it is damaged: its " + out.bytes + " bytes have the digest " + digest
                    + ", not " + snapshot.bytes() + " with " + snapshot.digest());
        }
    }

    /** What was kept could not be read now; of what it is, nothing is known. */
    static final class AwayException extends IOException {
        private static final long serialVersionUID = 1;

        AwayException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** The least effort: what a database holds is mostly text, and more effort gains little. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /** Knows what was written to it, takes no more than there should be, and knows why it has taken no more. */
    private static final class Digesting extends OutputStream {
        private final OutputStream out;
        private final long limit;
        private final MessageDigest digest;
        private long bytes;
        private @Nullable IOException refusal;

        Digesting(OutputStream out, long limit) {
            this.out = out;
            this.limit = limit;
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        /** Once. */
        String digest() {
            return HexFormat.of().formatHex(digest.digest());
        }

        @Override
        public void write(int each) throws IOException {
            write(new byte[] {(byte) each}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            bytes += length;
            digest.update(buffer, offset, length);
            try {
                if (bytes > limit) {
                    throw new DamagedSnapshotException("it is damaged: it has more bytes than it says, " + limit);
                }
                out.write(buffer, offset, length);
            } catch (IOException e) {
                refusal = e;
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
