package dev.hark.app.config;

import dev.hark.event.Filters;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A hook: an address that is told what happens to topics.
 *
 * @param name    what its position is kept under
 * @param url     what is called, of {@code http} or {@code https}
 * @param secrets with which calls are signed, each alone: the one that holds, and perhaps the one before it
 * @param topics  of which topics it hears
 * @param on      what it hears of, at least one
 * @param batch   how many events are in one call at most
 * @param timeout how long a call may take
 * @param attempts   how many calls with the same events there are at most
 * @param settle  how long a topic has nobody before that is told
 */
public record HookSettings(
        String name,
        URI url,
        List<Secret> secrets,
        Filters topics,
        Set<On> on,
        int batch,
        Duration timeout,
        int attempts,
        Duration settle) {
    /** Before its name, the topics of the hub's own that are a hook's. */
    private static final String TOPICS = "$hark/hooks/";

    public HookSettings {
        secrets = List.copyOf(secrets);
        on = Set.copyOf(on);
    }

    /** What a hook may hear of. */
    public enum On {
        /** A topic has its first stream. */
        LISTENED,
        /** A topic has lost its last stream. */
        LEFT,
        /** Streams were told that something is missing. */
        GAP,
        /** Requests were refused. */
        REFUSED;

        /** As the configuration spells it. */
        public String configName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What calls are signed with.
     *
     * @param bytes not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Secret(byte[] bytes) {
        @Override
        public String toString() {
            return "(not shown)";
        }
    }

    /** The topic that has what happened. */
    public String notesTopic() {
        return TOPICS + name + "/notes";
    }

    /** The topic that has how far the hook is. */
    public String stateTopic() {
        return TOPICS + name + "/state";
    }

    /** Its address for people: without what a query may hold. */
    public String address() {
        String text = url.toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }

    /** Whether it hears who listens where. */
    public boolean hearsOfPresence() {
        return on.contains(On.LISTENED) || on.contains(On.LEFT);
    }
}
