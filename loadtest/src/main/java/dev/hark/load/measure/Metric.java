package dev.hark.load.measure;

/** A number that a run has one of. */
public enum Metric {
    STREAMS_ASKED("streams.asked", Unit.COUNT, "streams that the plan asked for"),
    STREAMS_CONFIRMED("streams.confirmed", Unit.COUNT, "streams whose start the server confirmed"),
    STREAMS_FAILED("streams.failed", Unit.COUNT, "streams that could not be opened"),
    STREAMS_ENDED("streams.ended", Unit.COUNT, "streams that ended without our doing"),
    STREAMS_DROPPED("streams.dropped", Unit.COUNT, "streams that we cut ourselves, to see them come back"),
    STREAMS_RESUMED("streams.resumed", Unit.COUNT, "streams that were opened again after an end or a cut"),
    STREAMS_AWAY("streams.away", Unit.COUNT, "streams that had been up, and were neither up nor back at the end"),
    RECONNECT_ALL("reconnectAll", Unit.NANOS, "from the cut of all streams to the confirmed start of the last that came back"),
    FAILOVER_ALL("failoverAll", Unit.NANOS,
            "from the moment when a node was taken away until all streams that it had were live again elsewhere"),
    FAILOVER_STREAMS("failoverStreams", Unit.COUNT, "streams that ended when a node was taken away, and later"),
    CONNECT_ALL("connectAll", Unit.NANOS, "from the first connection to the last confirmed start"),

    MEASURED("measured", Unit.NANOS, "how long was measured"),
    PUBLISHED("published", Unit.COUNT, "events that were sent"),
    ACKNOWLEDGED("acknowledged", Unit.COUNT, "events that the server took"),
    REFUSED("refused", Unit.COUNT, "events that the server refused"),
    UNANSWERED("unanswered", Unit.COUNT, "events that were sent and never answered"),
    UNSENT("unsent", Unit.COUNT, "events that never left"),
    PUBLISHERS_AWAY("publishersAway", Unit.COUNT, "publishing connections that were down at the end, with events left to send"),
    PUBLISH_ERRORS("publishErrors", Unit.COUNT,
            "requests that broke, or were answered with an error that may pass, and were sent again at the next node"),
    PUBLISH_RETRIES("publishRetries", Unit.COUNT, "events that were sent again, under the same idempotency key"),
    PUBLISH_RATE("publishRate", Unit.PER_SECOND, "acknowledged events a second while measuring"),

    DELIVERED("delivered", Unit.COUNT, "deliveries, warm-up included"),
    DELIVERY_RATE("deliveryRate", Unit.PER_SECOND, "deliveries a second while measuring"),
    OWED("owed", Unit.COUNT, "deliveries that were owed"),
    SILENT_LOSS("silentLoss", Unit.COUNT, "deliveries owed, not made, and never announced as lost"),
    DECLARED_LOSS("declaredLoss", Unit.COUNT, "deliveries owed and not made, but announced by a gap notice"),
    DUPLICATES("duplicates", Unit.COUNT, "deliveries of what the subscriber already had"),
    DISORDER("disorder", Unit.COUNT, "deliveries after a later event of the same flow"),
    CORRUPT("corrupt", Unit.COUNT, "events with a wrong hash or numbers that no event has"),
    WRONG_RECIPIENT("wrongRecipient", Unit.COUNT, "events given to a subscriber of another topic"),
    WRONG_ID("wrongId", Unit.COUNT, "events under another id than the publisher or another subscriber was told"),
    AMBIGUOUS("ambiguous", Unit.COUNT, "not received, but the subscriber was coming, going or away"),
    FOREIGN("foreign", Unit.COUNT, "events of other runs or publishers"),
    GAPS("gaps", Unit.COUNT, "gap notices"),
    CLOSE_NOTICES("closeNotices", Unit.COUNT, "streams ended by the server with a close notice"),
    STALLED_HIDDEN("stalledHidden", Unit.NANOS,
            "how long buffers of this kernel's largest size would hide a stalled reader, at the rate that the others were sent"),

    SERVER_CPU("serverCpu", Unit.CORES, "the server's processors in use while measuring"),
    SERVER_CPU_PER_DELIVERY("serverCpuPerDelivery", Unit.NANOS, "the server's processor time while measuring, by deliveries"),
    SERVER_CPU_PER_PUBLISH("serverCpuPerPublish", Unit.NANOS, "the server's processor time while measuring, by acknowledged events"),
    SERVER_CPU_SLOPE("serverCpuSlope", Unit.NANOS,
            "the server's processor time for one delivery more, by regression over the seconds without and with events;"
                    + " settle for 2 s or more"),
    SERVER_IDLE("serverIdle", Unit.CORES, "the server's processors in use with all streams up and no events yet"),
    SERVER_MEMORY("serverMemory", Unit.BYTES, "the server's resident memory at the end of measuring"),
    SERVER_MEMORY_EMPTY("serverMemoryEmpty", Unit.BYTES, "the server's resident memory before the first stream"),
    SERVER_CPU_BEFORE("serverCpuBefore", Unit.NANOS, "the server's processor time since its start, before the first stream of this run"),
    SERVER_MEMORY_PER_STREAM("serverMemoryPerStream", Unit.BYTES, "what resident memory grew by until all streams had settled, by streams"),
    SERVER_MEMORY_SLOPE("serverMemorySlope", Unit.BYTES,
            "resident memory for one stream more, by regression over the time until all had settled"),
    SERVER_THREADS("serverThreads", Unit.COUNT, "the server's threads at the end of measuring"),
    SERVER_DESCRIPTORS("serverDescriptors", Unit.COUNT, "the server's open descriptors at the end of measuring"),

    READER_BUSY("readerBusy", Unit.RATIO, "how much of the measured time the busiest reader thread was at work"),
    THREADS_ENDED("threadsEnded", Unit.COUNT, "threads of the generator that ended before the run did"),
    LONGEST_ROUND("longestRound", Unit.NANOS, "the longest time a reader thread worked between two looks at its selector"),
    FULL_READS("fullReads", Unit.COUNT, "reads that filled the whole buffer: more was waiting than one look could take"),
    FULL_READ_SHARE("fullReadShare", Unit.RATIO, "the same, by all reads"),
    GENERATOR_CPU("generatorCpu", Unit.CORES, "this process's processors in use while measuring"),
    GENERATOR_GC("generatorGc", Unit.NANOS, "this process's time in garbage collection while measuring");

    private final String key;
    private final Unit unit;
    private final String sentence;

    Metric(String key, Unit unit, String sentence) {
        this.key = key;
        this.unit = unit;
        this.sentence = sentence;
    }

    /** The name in objectives and reports. */
    public String key() {
        return key;
    }

    public Unit unit() {
        return unit;
    }

    /** What it is. */
    public String sentence() {
        return sentence;
    }
}
