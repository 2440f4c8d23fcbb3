package dev.hark.app.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Notices that whoever read this process's standard output through a pipe has gone, also while nothing is written. Runs on a thread of its
 * own, until the process ends.
 */
final class ReaderWatch {
    /*
     * Java learns of it when it next writes, which on an idle stream is at some other time. poll(2) says it at once: POLLERR is reported
     * whatever is asked for, so nothing is. Where there is no poll, or no pipe, nothing watches, and the next write tells.
     */
    private static final int STANDARD_OUTPUT = 1;
    private static final short ERROR_OR_HANGUP = 0x08 | 0x10; // POLLERR, POLLHUP: the same on Linux, macOS and the BSDs
    private static final int FOR_EVER = -1;

    /** struct pollfd: int fd, short events, short revents. */
    private static final long POLLFD_BYTES = 8;

    private static final long REVENTS = 6;

    private ReaderWatch() {}

    /** Calls {@code action} once, when nobody reads standard output any more. */
    static void start(Runnable action) {
        Thread.ofPlatform().daemon().name("hark-reader-watch").start(() -> {
            if (awaitGone()) {
                action.run();
            }
        });
    }

    @SuppressWarnings("restricted") // the manifest and the launcher allow native access
    private static boolean awaitGone() {
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            MethodHandle poll = linker.downcallHandle(
                    linker.defaultLookup().find("poll").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
            MemorySegment asked = arena.allocate(POLLFD_BYTES, Integer.BYTES);
            asked.set(ValueLayout.JAVA_INT, 0, STANDARD_OUTPUT);
            while (true) {
                int answers = (int) poll.invokeExact(asked, 1L, FOR_EVER);
                if (answers > 0) {
                    return (asked.get(ValueLayout.JAVA_SHORT, REVENTS) & ERROR_OR_HANGUP) != 0;
                }
                if (answers < 0) {
                    return false;
                }
            }
        } catch (Throwable e) {
            return false;
        }
    }
}
