package dev.hark.load.ledger;

/** How streams are spread over topics. */
public enum Spread {
    /** Stream s reads topic s mod topics. */
    EVEN {
        @Override
        int topicOf(long subscriber, int topics) {
            return (int) (subscriber % topics);
        }
    },
    /** By Zipf's law, as near as whole streams allow: the k-th topic has about 1/k of the first one's readers. */
    ZIPF {
        @Override
        int topicOf(long subscriber, int topics) {
            // Multiples of the golden ratio fall evenly into [0, 1), wherever one stops; their exponential then has the density 1/k.
            double evenly = subscriber * GOLDEN % 1;
            return (int) Math.min(topics, Math.pow(topics + 1, evenly)) - 1;
        }
    };

    private static final double GOLDEN = 0.6180339887498949;

    abstract int topicOf(long subscriber, int topics);
}
