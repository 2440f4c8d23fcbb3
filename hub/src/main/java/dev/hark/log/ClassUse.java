package dev.hark.log;

/**
 * What a log holds of a class of topics.
 *
 * @param events how many events are retained
 * @param bytes  how many bytes their frames have
 * @param lost   the position up to which it has lost events to retention; 0 where it has lost none
 * @param latest what it keeps beyond that
 */
public record ClassUse(TopicClass topicClass, long events, long bytes, long lost, Latest latest) {
    /**
     * The newest events of topics and keys.
     *
     * @param keys    of how many topics and keys the newest event is known
     * @param evicted the position of the newest event that was one, and is none any more because there were too many; 0 where there is none
     */
    public record Latest(long keys, long evicted) {
        /** Where newest events do not stay. */
        public static final Latest NONE = new Latest(0, 0);

        /** For the operator, when the first newest event of the class {@code name} goes because there are more than {@code maxKeys}. */
        public static String tooMany(String name, int maxKeys) {
            return "the newest events of more than " + maxKeys + " topics and keys (log.latest.keys) were to stay: those of " + name
                    + " that were published longest ago go as all others, and snapshots of it begin with hark.gap from now on";
        }
    }
}
