package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkTest {
    @Test
    void marksWhereStreamsBeginToEndAndWhereTheServerGoes() {
        List<Mark> marks = Mark.seenIn(List.of(
                second(1, 0, 500), second(2, 3, 500), second(3, 9, 500), second(4, 9, -1),
                second(5, 10, -1), second(6, 10, 500), second(7, 10, -1)));
        assertThat(marks).containsExactly(
                new Mark(2, Mark.Kind.SEEN, "3 streams ended"),
                new Mark(4, Mark.Kind.SEEN, "the server is out of sight"),
                new Mark(5, Mark.Kind.SEEN, "1 stream ended"),
                new Mark(6, Mark.Kind.SEEN, "the server is in sight again"),
                new Mark(7, Mark.Kind.SEEN, "the server is out of sight"));
    }

    @Test
    void marksNothingInARunWithoutFaults() {
        assertThat(Mark.seenIn(List.of(second(1, 0, -1), second(2, 0, -1)))).isEmpty();
    }

    private static Second second(double at, long ended, long serverBytes) {
        return SecondsOf.second(at, "measuring", 10, ended, 0, 0.5, serverBytes);
    }
}
