package dev.hark.app.reload;

import dev.hark.app.config.HarkConfig;
import java.util.Set;
import java.util.function.Function;

/** A part of the node that can take on another configuration while it runs. Called by one thread at a time. */
public interface ReloadPart {
    /** What of the configuration is its, keys and whole sections alike: {@code cors}, {@code limits.publish-rate}. */
    Set<String> keys();

    /**
     * Makes ready what {@code next} says of its keys, and changes nothing yet: another part may refuse.
     *
     * @param next as the node will have it: keys that are no part's are as they were at the start
     * @throws dev.hark.app.config.ConfigException if it cannot be taken on; the message is that of {@code hark check-config}
     */
    Prepared prepare(HarkConfig next);

    /**
     * A part of which all can change, and that does not tell whether a file that it names has other contents.
     *
     * @param prepare as {@link #prepare}; answers what commits it
     */
    static ReloadPart of(Set<String> keys, Function<HarkConfig, Runnable> prepare) {
        return new ReloadPart() {
            @Override
            public Set<String> keys() {
                return keys;
            }

            @Override
            public Prepared prepare(HarkConfig next) {
                return Prepared.of(prepare.apply(next));
            }
        };
    }

    /**
     * What a part has made ready.
     *
     * @param commit  has it hold from now on; does not wait, and cannot fail
     * @param renewed keys whose values are as they were, but not what they stand for: the names of files that have other contents
     * @param kept    keys of the part that differ from what it runs with, and that only a restart can change
     */
    record Prepared(Runnable commit, Set<String> renewed, Set<String> kept) {
        public Prepared {
            renewed = Set.copyOf(renewed);
            kept = Set.copyOf(kept);
        }

        /** Where no files are read and all can change. */
        public static Prepared of(Runnable commit) {
            return new Prepared(commit, Set.of(), Set.of());
        }
    }
}
