package dev.hark.load.drive;

import dev.hark.load.ledger.Pace;
import dev.hark.load.ledger.Share;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A load that changes while it is measured: in each stage it goes to the stage's value in a straight line, and at once where the stage
 * takes no time. Streams begin with {@code startStreams} and only become more; the rate begins with the plan's and goes up and down.
 *
 * @param startStreams how many streams are opened before the first event, where streams have stages
 * @param streams how many streams there are at the end of each stage; empty where all are there from the beginning
 * @param rates how many events a second at the end of each stage; empty where the rate is steady
 */
public record Stages(int startStreams, List<Stage> streams, List<Stage> rates) {
    /** Nothing changes. */
    public static final Stages NONE = new Stages(0, List.of(), List.of());

    /** More than a person writes. */
    private static final int MAX_STAGES = 1000;

    /** So long until that value. */
    public record Stage(Duration time, double to) {}

    public Stages {
        streams = List.copyOf(streams);
        rates = List.copyOf(rates);
        if (streams.size() > MAX_STAGES || rates.size() > MAX_STAGES) {
            throw new IllegalArgumentException("more than " + MAX_STAGES + " stages");
        }
        double before = startStreams;
        for (Stage stage : streams) {
            if (stage.to < before) {
                throw new IllegalArgumentException("stages of streams go from %.0f to %.0f; streams can only become more, so use churn,"
                        .formatted(before, stage.to) + " late streams or drop-all for those that leave");
            }
            before = stage.to;
        }
    }

    /** Reads stages of streams, such as {@code 1m:1000,5m:10000}. */
    public static List<Stage> ofStreams(String text) {
        return read(text, "1m:1000,5m:10000", each -> Quantities.whole(each));
    }

    /** Reads stages of a rate, such as {@code 1m:5/s,5m:50/s}. */
    public static List<Stage> ofRates(String text) {
        return read(text, "1m:5/s,5m:50/s", Quantities::perSecond);
    }

    private static List<Stage> read(String text, String example, ToDoubleFunction<String> reader) {
        var stages = new ArrayList<Stage>();
        for (String each : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int colon = each.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("stages '" + text + "' are not of the form " + example);
            }
            stages.add(new Stage(Quantities.duration(each.substring(0, colon)), reader.applyAsDouble(each.substring(colon + 1).strip())));
        }
        return stages;
    }

    public boolean isEmpty() {
        return streams.isEmpty() && rates.isEmpty();
    }

    /** How long all of them take: what is measured. */
    public Duration time() {
        Duration ofStreams = streams.stream().map(Stage::time).reduce(Duration.ZERO, Duration::plus);
        Duration ofRates = rates.stream().map(Stage::time).reduce(Duration.ZERO, Duration::plus);
        return ofStreams.compareTo(ofRates) > 0 ? ofStreams : ofRates;
    }

    /** The most streams, where streams have stages. */
    public int mostStreams() {
        return streams.isEmpty() ? startStreams : (int) streams.getLast().to;
    }

    /** How many streams there are so long after measuring began. */
    int streamsAt(long nanos) {
        double before = startStreams;
        long left = nanos;
        for (Stage stage : streams) {
            long takes = stage.time.toNanos();
            if (left < takes) {
                return (int) (before + (stage.to - before) * Math.max(0, left) / takes);
            }
            left -= takes;
            before = stage.to;
        }
        return (int) before;
    }

    /** The pace of events: the first rate through warm-up, and then the stages. */
    Pace pace(double perSecond, Duration warmup) {
        Pace pace = Pace.steady(perSecond);
        if (rates.isEmpty()) {
            return pace;
        }
        pace = pace.then(warmup, perSecond);
        for (Stage stage : rates) {
            pace = pace.then(stage.time, stage.to);
        }
        return pace;
    }

    /** As they are written: {@code 1000 streams 1m:1000,5m:10000}. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        if (!streams.isEmpty()) {
            text.append("from ").append(startStreams).append(" streams ").append(written(streams, ""));
        }
        if (!rates.isEmpty()) {
            text.append(text.isEmpty() ? "" : ", ").append("rate ").append(written(rates, "/s"));
        }
        return text.toString();
    }

    private static String written(List<Stage> stages, String unit) {
        return stages.stream()
                .map(stage -> stage.time.toString().substring(2).toLowerCase(Locale.ROOT) + ":"
                        + Unit.COUNT.format(stage.to).replace(",", "") + unit)
                .collect(Collectors.joining(","));
    }

    Stages partOf(Share share) {
        return new Stages(
                share.sizeOf(startStreams),
                streams.stream().map(stage -> new Stage(stage.time, share.sizeOf((int) stage.to))).toList(),
                rates);
    }
}
