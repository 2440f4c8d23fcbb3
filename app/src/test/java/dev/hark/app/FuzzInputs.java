package dev.hark.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The inputs that are kept for fuzz targets, and what holds for every target. Stateless. */
public final class FuzzInputs {
    private static final Path KEPT = Path.of("src", "test", "resources", "fuzz");

    /** What looking at an input may allocate, with what the tests themselves take for it, and for each of its bytes. */
    private static final long BYTES_AT_ONCE = 32L << 20;
    private static final long BYTES_A_BYTE = 2_000;

    private static final int MAX_MESSAGE = 1_200;

    private FuzzInputs() {}

    /** Has {@code target} look at each input that is kept for it, of which there is one at least. */
    public static void each(Class<?> target, Consumer<byte[]> look) {
        try (Stream<Path> files = Files.list(KEPT.resolve(target.getSimpleName()))) {
            List<Path> inputs = files.sorted().toList();
            if (inputs.isEmpty()) {
                throw new AssertionError("no input is kept for " + target);
            }
            for (Path input : inputs) {
                try {
                    look.accept(Files.readAllBytes(input));
                } catch (Throwable e) {
                    throw new AssertionError(input.toString(), e);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Looks at {@code input}, which takes memory as its length does: counted, because a measured time says nothing of a busy machine. */
    public static void bounded(byte[] input, Consumer<byte[]> look) {
        long most = BYTES_AT_ONCE + BYTES_A_BYTE * input.length;
        long taken = taken(input, look);
        if (taken > most) {
            // The first time, classes may have been loaded.
            taken = taken(input, look);
        }
        if (taken > most) {
            throw new AssertionError("an input of " + input.length + " bytes took more than " + most + " bytes of memory");
        }
    }

    private static long taken(byte[] input, Consumer<byte[]> look) {
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        look.accept(input);
        return thread.getCurrentThreadAllocatedBytes() - before;
    }

    /** A text as any could come in: bytes that are no UTF-8 stand for halves of characters, as JSON may have them. */
    public static String text(byte[] input) {
        return new String(input, UTF_8).replace('\uFFFD', '\uD800');
    }

    /** A refusal is for somebody who reads one line of it. */
    public static void requireReadable(Throwable refusal) {
        String message = String.valueOf(refusal.getMessage());
        if (message.length() > MAX_MESSAGE || message.chars().anyMatch(Character::isISOControl)) {
            throw new AssertionError("a message that is long, or more than one line", refusal);
        }
    }
}
