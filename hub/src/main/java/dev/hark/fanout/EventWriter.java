package dev.hark.fanout;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.event.Format;
import dev.hark.event.Frame;
import dev.hark.event.Margin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a stream writes, from frames that all streams share: events in the shape that its client has asked for, and what the hub says.
 *
 * <p>Confined to the stream's thread.
 */
final class EventWriter {
    private final Subscription subscription;
    private final Surroundings shared;
    private final Outlet outlet;
    private final Progress progress;
    private final Consumer<CloseReason> cut;

    /** @param cut ends the stream, whose lease is over */
    EventWriter(Subscription subscription, Surroundings shared, Outlet outlet, Progress progress, Consumer<CloseReason> cut) {
        this.subscription = subscription;
        this.shared = shared;
        this.outlet = outlet;
        this.progress = progress;
        this.cut = cut;
    }

    /** Says, to a thread that has more to write, that its stream is to end with a word. */
    static final class MustClose extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** From the frame that all streams share. */
    void event(StreamOutput out, Event event) throws IOException {
        frame(out, shared.shapes().frame(event, subscription.format()));
        delivered(event, 1);
    }

    /** In one socket write, however many events there are. */
    void events(StreamOutput out, Batch batch) throws IOException {
        if (batch.count() == 0) {
            return;
        }
        if (subscription.filters().areOneTopic()) {
            batch.cutBehindEnd();
        }
        int count = batch.count();
        Event last = batch.event(count - 1);
        if (count == 1) {
            event(out, last);
            return;
        }
        if (subscription.format() != Format.DATA) {
            shapes(out, batch);
            return;
        }
        bytes(out, batch.gather(), Margin.before(batch.bytes()), batch.bytes());
        delivered(last, count);
    }

    /** The same in another shape, whose bytes the batch did not reckon with: in as many writes as they take. */
    private void shapes(StreamOutput out, Batch batch) throws IOException {
        var frames = new ArrayList<Frame>(batch.count());
        int bytes = 0;
        for (int i = 0; i < batch.count(); i++) {
            Frame frame = shared.shapes().frame(batch.event(i), subscription.format());
            if (bytes > 0 && bytes + frame.length() > Batch.WRITE_BYTES) {
                frames(out, batch, frames, bytes);
                delivered(batch.event(i - 1), frames.size());
                frames.clear();
                bytes = 0;
            }
            frames.add(frame);
            bytes += frame.length();
        }
        frames(out, batch, frames, bytes);
        delivered(batch.event(batch.count() - 1), frames.size());
    }

    private void frames(StreamOutput out, Batch batch, List<Frame> frames, int bytes) throws IOException {
        if (frames.size() == 1) {
            frame(out, frames.getFirst());
        } else {
            bytes(out, batch.gather(frames, bytes), Margin.before(bytes), bytes);
        }
    }

    private void delivered(Event last, int count) {
        progress.deliver(last);
        shared.counters().deliveredEvents.add(count);
    }

    /** A frame may be larger than the socket takes within the write timeout, even with a fast client: each part has that time. */
    void frame(StreamOutput out, Frame frame) throws IOException {
        for (int part = 0; part < frame.parts(); part++) {
            requireEntitled(part);
            outlet.write(out, frame.array(part), frame.offset(part), frame.length(part), false);
        }
    }

    private void bytes(StreamOutput out, byte[] bytes, int offset, int length) throws IOException {
        requireEntitled(0);
        outlet.write(out, bytes, offset, length, false);
    }

    /** Before each write, and after what is written was taken from mailbox or log: what came after the end of the lease is not written. */
    private void requireEntitled(int written) throws IOException {
        CloseReason over = subscription.lease().over(shared.clock());
        if (over != null) {
            cut.accept(over);
        }
        if (outlet.isBarred()) {
            if (written > 0) {
                // A word in the middle of an event would be taken for a part of it.
                outlet.cut(StreamEnd.CUT);
                throw new IOException("cut in the middle of an event");
            }
            throw new MustClose();
        }
    }
}
