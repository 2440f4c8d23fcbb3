package dev.hark.load.drive;

import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Traffic;

/**
 * Where a run that is part of a larger one waits for the others.
 *
 * <p>Called by the run's thread.
 */
public interface Rendezvous {
    /** For a run that is alone. */
    Rendezvous ALONE = new Rendezvous() {
        @Override
        public boolean onConnected(boolean hasStreams) {
            return hasStreams;
        }

        @Override
        public boolean onPublished(Traffic traffic, Publications publications) {
            return false;
        }
    };

    /** This run's streams are up, or it has none; returns when all are, and whether there is something to go on with. */
    boolean onConnected(boolean hasStreams);

    /**
     * This run sends nothing more. Tells what became of its events, and books what the others say of theirs; true if there were others, and
     * all of them said.
     */
    boolean onPublished(Traffic traffic, Publications publications);
}
