package dev.hark.fanout;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What happens to a subscriber whose mailbox is full.
 *
 * <p>Ordered by how much a subscriber can miss, least first: where a subscription's filters fall under several rules, the first of their
 * policies in this order holds.
 */
public enum OverflowPolicy {
    /** It catches up from the log. Loses nothing as long as retention holds. */
    REPLAY,
    /** The stream ends with {@code hark.close}; the client comes back and resumes from the log. */
    DISCONNECT,
    /** Only the latest event of each topic and key stays; where that frees nothing, the oldest goes. */
    CONFLATE,
    /** The oldest waiting event goes. */
    DROP_OLDEST,
    /** The event that did not fit goes, and all after it until the subscriber has emptied its mailbox. */
    DROP_NEWEST;

    /** The policy as the configuration spells it: {@code drop-oldest}. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The policy that {@link #configName} prints as {@code name}; empty for anything else. */
    public static Optional<OverflowPolicy> byConfigName(String name) {
        return Arrays.stream(values()).filter(policy -> policy.configName().equals(name)).findFirst();
    }
}
