package dev.hark.log;

/**
 * Topics of which the log keeps the same: those of a rule that says what is kept of them, or all others.
 *
 * @param number which class, from 0; the events of class 0 are kept as the whole log is by default
 * @param name   the rule's filter as text, which tells the classes of one configuration apart; {@value #DEFAULT} for class 0
 * @param keep   what is kept
 */
public record TopicClass(int number, String name, Keep keep) {
    /** No topic filter is written like this. */
    public static final String DEFAULT = "(default)";
}
