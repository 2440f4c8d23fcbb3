package dev.hark.load.doctor;

/**
 * One thing that was looked at.
 *
 * @param grade how bad it is
 * @param subject what was looked at
 * @param sentence what was found, with value and need, and what to do
 */
public record Finding(Grade grade, String subject, String sentence) {
    /** How bad. */
    public enum Grade {
        FINE,
        /** The run will work, but a number in it may surprise. */
        NOTE,
        /** The run cannot work. */
        STOP,
        /** Nothing answers at the URL. */
        UNREACHABLE
    }
}
