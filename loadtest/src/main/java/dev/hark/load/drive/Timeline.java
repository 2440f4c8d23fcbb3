package dev.hark.load.drive;

import dev.hark.load.ledger.DueSecond;
import dev.hark.load.measure.Mark;
import dev.hark.load.measure.Second;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A run over time.
 *
 * @param seconds what was seen of it each second
 * @param intervals the latencies of each of these seconds, with the time of day
 * @param due what became of the events that were due in each second
 * @param marks moments to know, in the order of their time
 */
public record Timeline(List<Second> seconds, List<Histogram> intervals, List<DueSecond> due, List<Mark> marks) {
    public Timeline {
        seconds = List.copyOf(seconds);
        intervals = List.copyOf(intervals);
        due = List.copyOf(due);
        marks = List.copyOf(marks);
    }
}
