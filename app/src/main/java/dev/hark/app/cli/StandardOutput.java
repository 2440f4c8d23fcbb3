package dev.hark.app.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Standard output, which knows why it could not be written. Output is UTF-8 whatever the locale says: events are.
 *
 * <p>Thread-safe, as every {@link PrintStream}.
 */
public final class StandardOutput extends PrintStream {
    /*
     * A PrintStream only remembers that something failed. Two failures must be told apart: the reader of a pipe that has had enough, such
     * as head, is no failure at all, and a full disk is one. The exception's text does not tell them apart, since it is in the language of
     * the locale; what kind of file it is does, because a pipe has no other way to fail.
     */

    private static final Path FILE = Path.of("/dev/fd/1");
    private static final int KIND = 0xF000; // S_IFMT of stat(2)
    private static final int PIPE = 0x1000;
    private static final int DEVICE = 0x2000; // S_IFCHR
    private static final Path NOTHING = Path.of("/dev/null");
    private static final int MINOR_BITS = 8;
    private static final int SOCKET = 0xC000;

    private final Remembering target;
    private final BooleanSupplier pipe;

    /** @param pipe whether writing to {@code target} fails only where its reader is gone */
    StandardOutput(OutputStream target, BooleanSupplier pipe) {
        this(new Remembering(target), pipe);
    }

    private StandardOutput(Remembering target, BooleanSupplier pipe) {
        super(target, false, StandardCharsets.UTF_8);
        this.target = target;
        this.pipe = pipe;
    }

    static StandardOutput ofThisProcess() {
        return new StandardOutput(new FileOutputStream(FileDescriptor.out), StandardOutput::isPipe);
    }

    /** Why results are missing, in words; empty where all of them were written, and where whoever read them has gone. */
    Optional<String> failure() {
        // Flushes, too.
        if (!checkError() || pipe.getAsBoolean()) {
            return Optional.empty();
        }
        IOException failure = target.failure;
        return Optional.of(failure == null || failure.getMessage() == null ? "it is closed" : failure.getMessage());
    }

    /**
     * Whether this process writes to a terminal, wherever it reads from. {@link Console#isTerminal} asks for both, and so takes
     * {@code hark subscribe a </dev/null} for a pipe, while a person reads what publishers wrote.
     */
    static boolean isTerminal() {
        try {
            // A device, but none of the family of /dev/null.
            return kind() == DEVICE && family(FILE) != family(NOTHING);
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        }
    }

    /** Calls {@code action} when whoever reads this process's standard output has gone; never where that is no pipe. */
    static void whenReaderIsGone(Runnable action) {
        if (isPipe()) {
            ReaderWatch.start(action);
        }
    }

    private static int kind() throws IOException {
        return (int) Files.getAttribute(FILE, "unix:mode") & KIND;
    }

    private static long family(Path device) throws IOException {
        return (long) Files.getAttribute(device, "unix:rdev") >> MINOR_BITS;
    }

    private static boolean isPipe() {
        try {
            int kind = kind();
            return kind == PIPE || kind == SOCKET;
        } catch (IOException | UnsupportedOperationException e) {
            // Then it is said once too often, rather than never.
            return false;
        }
    }

    private static final class Remembering extends FilterOutputStream {
        private volatile @Nullable IOException failure;

        Remembering(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
