package dev.hark.app.state;

import dev.hark.app.state.StateLog.Known;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to run a source, or a hook, where several nodes could: the node that the newest state names, as long as new states
 * come. By this node's own clock alone, from when it has seen a state: no two clocks are compared.
 *
 * <p>A node that runs one out of its turn does no harm: what it stores is refused. Confined to the thread of its source or hook.
 */
public final class Turn {
    /** For how long a node that says nothing has its turn. */
    public static final Duration LEASE = Duration.ofSeconds(10);

    /** After how long a node that has nothing to publish says that it is still there. */
    public static final Duration RENEWAL = Duration.ofSeconds(3);

    /** How long before the end of its turn a node does nothing in its name that cannot be taken back. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    private final boolean shared;
    private final String node;
    private final LongSupplier nanoTime;
    private @Nullable String seen;
    private long seenNanos;

    /**
     * @param shared whether other nodes have the same log
     * @param node   this one's name: another one at each start
     */
    public Turn(boolean shared, String node, LongSupplier nanoTime) {
        this.shared = shared;
        this.node = node;
        this.nanoTime = nanoTime;
    }

    /** What stands in states that this node stores. */
    public String node() {
        return shared ? node : "";
    }

    public boolean isShared() {
        return shared;
    }

    /** Whether this node may take, or has, the turn. */
    public boolean isOurs(Known known) {
        note(known);
        return !shared || known.state() == null || known.state().node().isEmpty() || known.state().node().equals(node)
                || nanoTime.getAsLong() - seenNanos >= LEASE.toNanos();
    }

    /** Whether the newest state says already that it is this node's. */
    public boolean isTaken(Known known) {
        return !shared || (known.state() != null && known.state().node().equals(node));
    }

    /** Whether this node has to say that it is still there. */
    public boolean isToBeRenewed(Known known) {
        note(known);
        return shared && nanoTime.getAsLong() - seenNanos >= RENEWAL.toNanos();
    }

    /** Whether another node may soon take the turn that this one has, or may have done so. */
    public boolean isAboutToEnd(Known known) {
        note(known);
        return shared && nanoTime.getAsLong() - seenNanos >= LEASE.minus(MARGIN).toNanos();
    }

    /** What {@link #isStored} is to be told: before a state is stored. */
    public long nanos() {
        return nanoTime.getAsLong();
    }

    /** This node has stored {@code known}, which others may have seen since {@code nanos}. */
    public void isStored(Known known, long nanos) {
        seen = nonce(known);
        seenNanos = nanos;
    }

    /** Whether another node may have taken the turn, as this one has said nothing for so long. */
    public boolean isOver() {
        return shared && nanoTime.getAsLong() - seenNanos >= LEASE.toNanos();
    }

    private void note(Known known) {
        String nonce = nonce(known);
        if (!nonce.equals(seen)) {
            seen = nonce;
            seenNanos = nanoTime.getAsLong();
        }
    }

    private static String nonce(Known known) {
        return known.state() == null ? "" : known.state().nonce();
    }
}
