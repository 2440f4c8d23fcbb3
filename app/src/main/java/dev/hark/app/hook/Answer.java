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
     * @param why   a sentence without an end; here without control characters, and {@value #MAX_WHY} characters at most
     * @param asked for how long it asks for peace
     */
    record Failed(String why, Optional<Duration> asked) implements Answer {
        static final int MAX_WHY = 200;

        // It may be of somebody else's making, and goes to lines of the log and into the position.
        public Failed {
            why = why.codePoints()
                    .limit(MAX_WHY)
                    .map(each -> Character.isISOControl(each) || Character.getType(each) == Character.SURROGATE ? ' ' : each)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
    }

    /** There was no answer for as long as a call may take, whoever noticed it. */
    static Failed late(Duration timeout) {
        return new Failed("it did not answer within " + timeout.toMillis() + " ms", Optional.empty());
    }

    /** Whoever is called wants no calls any more. */
    record Unwanted() implements Answer {}
}
