package dev.hark.thread;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads without which a node would look well and not do its work. They have one fate: when the first of them dies of a defect,
 * whoever asked is told once, and ends the node in order.
 *
 * <p>Thread-safe.
 */
public final class VitalThreads {
    private static final System.Logger LOGGER = System.getLogger(VitalThreads.class.getName());

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final List<Runnable> mourners = new ArrayList<>();

    @GuardedBy("this")
    private @Nullable String death;

    /** @param nanoTime a monotonic clock, in nanoseconds */
    public VitalThreads(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** With the system's clock. */
    public VitalThreads() {
        this(System::nanoTime);
    }

    /** A platform thread that runs {@code body}, which returns when it was told to stop and never otherwise. */
    public Thread unstarted(String name, Runnable body) {
        return Thread.ofPlatform().name(name).daemon().unstarted(() -> run(name, body));
    }

    /** A pulse by the same clock as all the others. */
    public Pulse pulse() {
        return new Pulse(nanoTime);
    }

    public LongSupplier nanoTime() {
        return nanoTime;
    }

    private void run(String name, Runnable body) {
        try {
            body.run();
        } catch (Throwable defect) { // whatever it was, it is the end of this thread
            die(name, defect);
        }
    }

    private void die(String name, Throwable defect) {
        String sentence = "the thread " + name + " died of a defect: " + defect;
        List<Runnable> told;
        synchronized (this) {
            if (death != null) {
                // One is enough.
                return;
            }
            death = sentence;
            told = List.copyOf(mourners);
        }
        tell(told);
        // Last: whoever reads the log of this process may hang, too.
        LOGGER.log(System.Logger.Level.ERROR, sentence + "; this node has to be started again", defect);
    }

    /**
     * Calls {@code mourner} once one of the threads has died, at once if that is so already: after those who asked before, and on a thread
     * that it may take for as long as it needs.
     */
    public void onDeath(Runnable mourner) {
        synchronized (this) {
            if (death == null) {
                mourners.add(mourner);
                return;
            }
        }
        tell(List.of(mourner));
    }

    private static void tell(List<Runnable> mourners) {
        Thread.ofPlatform().name("hark-fate").daemon().start(() -> mourners.forEach(VitalThreads::tellOne));
    }

    private static void tellOne(Runnable mourner) {
        try {
            mourner.run();
        } catch (RuntimeException | Error e) {
            // The others have to hear of it all the same: one of them ends the process.
            LOGGER.log(System.Logger.Level.ERROR, "what is to be done when a thread has died failed itself", e);
        }
    }

    /** Which thread died and of what: a sentence; empty as long as all live. */
    public synchronized Optional<String> death() {
        return Optional.ofNullable(death);
    }
}
