package dev.hark.app.reload;

import java.util.List;
import java.util.Locale;

/** What came of a reload. */
public sealed interface Outcome {
    /**
     * It holds.
     *
     * @param applied keys and lists that have changed, files with other contents among them
     * @param restart keys and lists that differ from what the hub was started with, and hold only from a restart on
     */
    record Applied(List<String> applied, List<String> restart) implements Outcome {
        public Applied {
            applied = List.copyOf(applied);
            restart = List.copyOf(restart);
        }
    }

    /**
     * Nothing has changed.
     *
     * @param mistakes a sentence each
     */
    record Refused(List<String> mistakes) implements Outcome {
        public Refused {
            mistakes = List.copyOf(mistakes);
        }
    }

    /** A defect of the hub's own, which its log has; what holds is uncertain. */
    record Failed() implements Outcome {}

    /** The kinds, as they are counted. */
    enum Kind {
        APPLIED,
        REFUSED,
        FAILED;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    default Kind kind() {
        return switch (this) {
            case Applied applied -> Kind.APPLIED;
            case Refused refused -> Kind.REFUSED;
            case Failed failed -> Kind.FAILED;
        };
    }
}
