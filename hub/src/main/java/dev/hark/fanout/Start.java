package dev.hark.fanout;

import dev.hark.event.EventId;
import dev.hark.event.InvalidEventException;
import java.time.Duration;

/** Where in the log a subscription starts. */
public sealed interface Start {
    /** Whether it begins with the newest event of each topic and key, or has begun so. */
    default boolean isCurrent() {
        return switch (this) {
            case Current current -> true;
            case After after -> after.current();
            case Lost lost -> lost.fresh().isCurrent();
            case Latest latest -> false;
            case Earliest earliest -> false;
            case Back back -> false;
            case Last last -> false;
        };
    }

    /** The same, or within such a beginning by its id: then a new one makes up for what is lost. */
    default boolean wantsSnapshots() {
        return isCurrent() || (this instanceof After(String id, boolean current)
                && EventId.parse(id).filter(EventId::isWithinSnapshot).isPresent());
    }

    /** With what is published from now on. */
    record Latest() implements Start {}

    /** With the oldest event that is retained. */
    record Earliest() implements Start {}

    /** With the newest event of each topic and key, where the log keeps that, and then what is published from now on. */
    record Current() implements Start {}

    /**
     * After the event with an id, as a client that reconnects asks for.
     *
     * @param id      as {@link EventId} prints it; empty where the client sent something else, which is answered with {@code hark.gap}, not
     *                refused
     * @param current whether the client began with {@link Current}, and does so again where the id says nothing
     */
    record After(String id, boolean current) implements Start {
        /* A stream keeps its start for as long as it lives, and what a client sends for an id may be as long as a request line. */

        /** @param id as the client sent it, unchecked */
        public After {
            if (EventId.parse(id).isEmpty()) {
                id = "";
            }
        }

        /** Of a client that began in another way. */
        public After(String id) {
            this(id, false);
        }
    }

    /**
     * As a client asks for that had an id once and has lost it: told {@code unknown-id} first, then as if it were new.
     *
     * @param fresh where it would start if it were new
     */
    record Lost(Start fresh) implements Start {
        /** @throws IllegalArgumentException if {@code fresh} is a start that knows an id, or is itself lost */
        public Lost {
            if (fresh instanceof After || fresh instanceof Lost) {
                throw new IllegalArgumentException("no fresh start: " + fresh);
            }
        }
    }

    /**
     * With what was stored in the time before now.
     *
     * @param age how far back, not negative
     */
    record Back(Duration age) implements Start {
        /** @throws InvalidEventException if {@code age} is negative */
        public Back {
            if (age.isNegative()) {
                throw new InvalidEventException("since is " + age + "; a duration back in time must not be negative");
            }
        }
    }

    /**
     * With the last matching events.
     *
     * @param count how many, 0 to {@value #MAX_COUNT}
     */
    record Last(int count) implements Start {
        public static final int MAX_COUNT = 10_000;

        /** @throws InvalidEventException if {@code count} is out of range */
        public Last {
            if (count < 0 || count > MAX_COUNT) {
                throw new InvalidEventException("last is " + count + "; 0 to " + MAX_COUNT + " are allowed");
            }
        }
    }
}
