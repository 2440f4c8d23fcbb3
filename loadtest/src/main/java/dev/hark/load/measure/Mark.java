package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A moment of a run that a reader of its charts has to know.
 *
 * @param at seconds since the run began
 * @param kind what sort of moment
 * @param text what happened, in a few words
 */
public record Mark(double at, Kind kind, String text) {
    /** Sorts of moments. */
    public enum Kind {
        /** The run went on to its next part. */
        PHASE,
        /** A fault that the run made itself, and its end. */
        MADE,
        /** A fault that was seen. */
        SEEN
    }

    /**
     * The faults that show in the seconds of a run: streams begin to end that the run did not end, or the server's process or
     * its page of metrics goes away and comes back.
     */
    public static List<Mark> seenIn(List<Second> seconds) {
        var marks = new ArrayList<Mark>();
        long endedBefore = 0;
        boolean wereEnding = false;
        boolean wasThere = false;
        boolean wasSeen = false;
        for (Second second : seconds) {
            long ended = second.counts().ended() - endedBefore;
            endedBefore = second.counts().ended();
            if (ended > 0 && !wereEnding) {
                marks.add(new Mark(second.at(), Kind.SEEN, String.format(Locale.ROOT, "%,d stream%s ended", ended, ended == 1 ? "" : "s")));
            }
            wereEnding = ended > 0;
            boolean isThere = second.load().serverBytes() >= 0;
            if (wasThere && !isThere) {
                wasSeen = true;
                marks.add(new Mark(second.at(), Kind.SEEN, "the server is out of sight"));
            } else if (wasSeen && !wasThere && isThere) {
                marks.add(new Mark(second.at(), Kind.SEEN, "the server is in sight again"));
            }
            wasThere = isThere;
        }
        return marks;
    }
}
