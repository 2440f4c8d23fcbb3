package dev.hark.app.hook;

import java.time.Duration;
import java.util.Optional;

/** What came of a call. */
sealed interface Answer {
    /** Its events have arrived. */
    record Taken() implements Answer {}

    /**
     * They may not have.
     *
     * @param why   a sentence without an end
     * @param asked for how long it asks for peace
     */
    record Failed(String why, Optional<Duration> asked) implements Answer {}

    /** Whoever is called wants no calls any more. */
    record Unwanted() implements Answer {}
}
