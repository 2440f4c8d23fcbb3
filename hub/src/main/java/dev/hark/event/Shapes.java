package dev.hark.event;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Events in the shapes that their publishers did not give them: each is encoded once, when somebody first wants it, and shared by all
 * streams and pages.
 *
 * <p>The newest {@value #MAX_BYTES} bytes of them are kept, with the events' own frames. What is older is encoded anew where it is wanted
 * again. Thread-safe.
 */
public final class Shapes {
    /* A shape hangs on the frame of its event, where whoever delivers the event finds it without a look-up. Who finds none encodes it with
       that frame's monitor held: thousands of streams wake up for the same event, and all but one of them wait for a few microseconds
       instead of encoding it thousands of times. The log's hot events are bounded by the bytes of their own frames, so what hangs on them
       has a bound of its own: the shapes stand in a queue, and the oldest are taken off their frames. */

    /** How many bytes the shapes that are kept have, with the frames that they hang on. */
    static final long MAX_BYTES = 16 << 20;

    /** What a shape takes beside its bytes and those of its event's frame, about. */
    private static final int SHAPE_BYTES = 200;

    private final Map<Format, LongAdder> encoded = new EnumMap<>(Format.class);

    /** The oldest first. */
    @GuardedBy("this")
    private final Deque<Kept> kept = new ArrayDeque<>();

    /** Changed with the monitor held, and read without it. */
    private volatile long bytes;

    private record Kept(Frame frame, Format format, long bytes) {
        void forget() {
            synchronized (frame) {
                frame.keep(format, null);
            }
        }
    }

    public Shapes() {
        for (Format format : Format.values()) {
            encoded.put(format, new LongAdder());
        }
    }

    /** The block of {@code event} in {@code format}. */
    public Frame frame(Event event, Format format) {
        Frame frame = event.frame();
        if (format == Format.DATA) {
            return frame;
        }
        Frame known = frame.other(format);
        return known == null ? encode(event, format) : known;
    }

    private Frame encode(Event event, Format format) {
        Frame frame = event.frame();
        Frame shape;
        synchronized (frame) {
            Frame known = frame.other(format);
            if (known != null) {
                return known;
            }
            shape = Frame.shape(EventFields.of(frame), EventJson.of(event, format));
            frame.keep(format, shape);
        }
        counter(format).increment();
        keep(new Kept(frame, format, (long) frame.length() + shape.length() + SHAPE_BYTES)).forEach(Kept::forget);
        return shape;
    }

    /** Those that are too many then; the newest is none of them. */
    private synchronized List<Kept> keep(Kept newest) {
        var old = new ArrayList<Kept>();
        kept.add(newest);
        long sum = bytes + newest.bytes();
        while (sum > MAX_BYTES && kept.size() > 1) {
            Kept oldest = kept.remove();
            sum -= oldest.bytes();
            old.add(oldest);
        }
        bytes = sum;
        return old;
    }

    /**
     * A page as its client is given it: {@code {"events":[…],"next":"…","gap":null}}, in UTF-8, and a line end.
     *
     * @param next the position up to which nothing else matches
     * @param gap  what is missing before the first of {@code events}, or null
     */
    public byte[] page(List<Event> events, Format format, EventId next, @Nullable Gap gap) {
        int room = events.stream().mapToInt(event -> event.frame().length()).sum();
        var out = new JsonOutput(200 + room * 2).raw("{\"events\":[");
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            // The data of a stream is not always JSON; of the others the line of the stream is what stands in the page.
            byte[] json = format == Format.DATA ? EventJson.of(event, format) : EventFields.of(frame(event, format)).data();
            out.raw(i == 0 ? "" : ",").raw(json);
        }
        return out.raw("],\"next\":\"" + next + "\",\"gap\":" + (gap == null ? "null" : gap.json()) + "}\n").toBytes();
    }

    /** How many shapes of {@code format} were encoded. */
    public long encoded(Format format) {
        return counter(format).sum();
    }

    /** How many bytes are kept. */
    public long bytes() {
        return bytes;
    }

    private LongAdder counter(Format format) {
        LongAdder counter = encoded.get(format);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + format);
        }
        return counter;
    }
}
