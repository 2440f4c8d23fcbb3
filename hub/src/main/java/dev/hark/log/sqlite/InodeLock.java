package dev.hark.log.sqlite;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A lock of a file itself, whatever it is called (flock(2)): Java's own locks are those of fcntl(2), which SQLite uses on the same file,
 * and which a process loses as soon as it closes any descriptor of it.
 *
 * <p>Does nothing where there is no such call. Thread-safe.
 */
final class InodeLock implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(InodeLock.class.getName());

    // fcntl.h and sys/file.h, the same on Linux for every processor; O_CLOEXEC so that no child keeps it.
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;
    private static final int EWOULDBLOCK = 11;

    private static final int NONE = -1;
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final int descriptor;

    private InodeLock(int descriptor) {
        this.descriptor = descriptor;
    }

    /** A lock of the file at {@code path}; empty where somebody else has it. */
    static Optional<InodeLock> tryLock(Path path) throws IOException {
        if (!System.getProperty("os.name", "").startsWith("Linux")) {
            return Optional.of(new InodeLock(NONE));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            int descriptor = (int) Calls.OPEN.invokeExact(
                    state, arena.allocateFrom(path.toAbsolutePath().toString()), O_RDONLY | O_CLOEXEC);
            if (descriptor < 0) {
                throw new IOException("the log " + path + " cannot be opened to lock it (errno " + (int) ERRNO.get(state, 0L) + ")");
            }
            int result = (int) Calls.FLOCK.invokeExact(state, descriptor, LOCK_EX | LOCK_NB);
            int errno = (int) ERRNO.get(state, 0L);
            if (result == 0) {
                return Optional.of(new InodeLock(descriptor));
            }
            closeDescriptor(descriptor);
            if (errno == EWOULDBLOCK) {
                return Optional.empty();
            }
            // A file system without locks: then the mark has to be enough, as it is for those who use the same name.
            LOGGER.log(System.Logger.Level.DEBUG, "the file " + path + " cannot be locked (errno " + errno + ")");
            return Optional.of(new InodeLock(NONE));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a call into the C library throws nothing", e);
        }
    }

    /**
     * Before it is closed: a process that this one is starting just then has a copy of the descriptor until it is another program, and the
     * lock would last as long.
     */
    private static void unlock(int descriptor) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) Calls.FLOCK.invokeExact(arena.allocate(CALL_STATE), descriptor, LOCK_UN);
            if (result != 0) {
                LOGGER.log(System.Logger.Level.DEBUG, "descriptor " + descriptor + " could not be unlocked");
            }
        }
    }

    private static void closeDescriptor(int descriptor) throws Throwable {
        int result = (int) Calls.CLOSE.invokeExact(descriptor);
        if (result != 0) {
            LOGGER.log(System.Logger.Level.DEBUG, "descriptor " + descriptor + " could not be closed");
        }
    }

    @Override
    public void close() {
        try {
            if (descriptor != NONE) {
                unlock(descriptor);
                closeDescriptor(descriptor);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a call into the C library throws nothing", e);
        }
    }

    /** Looked up when first used. */
    @SuppressWarnings("restricted") // signatures of the C library, as its manual has them
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final Linker.Option ERRNO_TOO = Linker.Option.captureCallState("errno");

        static final MethodHandle OPEN = handle(
                "open",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                ERRNO_TOO,
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle FLOCK =
                handle("flock", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO_TOO);
        static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private static MethodHandle handle(String name, FunctionDescriptor signature, Linker.Option... options) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, options);
        }
    }
}
