package dev.hark.load.measure;

/** A time that is measured often enough to have percentiles. */
public enum Timing {
    DELIVERY("delivery", "from due to each subscriber; a lost delivery counts as the drain timeout, or as the slowest, if that is longer"),
    SLOWEST("slowest", "the slowest delivery of each stream: where the p99 is far above the p50, few streams lag behind the others"),
    COMPLETION("completion", "from due to the last subscriber of an event"),
    SPREAD("spread", "from the first to the last subscriber of an event"),
    DELIVERY_DURING("deliveryDuring",
            "from due to each subscriber, of what was due from when a node was taken away until all streams were live again"),
    DELIVERY_AFTER("deliveryAfter", "the same of what was due when all were live again"),
    PUBLISH("publish", "from due to the server's acknowledgement"),
    SLIP("slip", "from due to sent"),
    CONNECT("connect", "from the start of a connection to the confirmed start of its stream"),
    RESUME("resume", "from the end of a stream, or its cut, to its confirmed start"),
    LATENESS("lateness", "how late the publisher's own thread looked at an event: the generator's fault, not the server's");

    private final String key;
    private final String sentence;

    Timing(String key, String sentence) {
        this.key = key;
        this.sentence = sentence;
    }

    /** The name in objectives and reports. */
    public String key() {
        return key;
    }

    /** What it measures. */
    public String sentence() {
        return sentence;
    }
}
