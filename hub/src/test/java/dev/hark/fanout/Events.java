package dev.hark.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.log.Bounds;
import dev.hark.log.Era;
import dev.hark.log.HotLimits;
import dev.hark.log.Tail;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events for tests of the fan-out. */
final class Events {
    static final String EPOCH = "7k3q9x2m";

    /** A history with nothing in it. */
    static final Era ERA = new Tail(EPOCH, new Bounds(0, 0), new HotLimits(1, 1)).era();

    /** Of a lane that holds nothing back, which may so be shared. */
    static final Lingers NO_LINGERS = new Lingers(List.of(), new DeliveryCounters(), System::nanoTime);

    private Events() {}

    static Event event(long sequence) {
        return event(sequence, "t", null);
    }

    static Event event(long sequence, String topic, @Nullable String key) {
        return Event.of(EPOCH, sequence, 0, new Draft(new Topic(topic), Draft.DEFAULT_TYPE, key, "x".getBytes(UTF_8), null));
    }

    /** With a frame of {@code bytes} bytes. */
    static Event sized(long sequence, int bytes) {
        return sized(sequence, "t", null, bytes);
    }

    static Event sized(long sequence, String topic, @Nullable String key, int bytes) {
        int head = ("id: " + EPOCH + '-' + sequence + "\ndata: \n\n").length();
        return Event.of(
                EPOCH, sequence, 0, new Draft(new Topic(topic), Draft.DEFAULT_TYPE, key, "x".repeat(bytes - head).getBytes(UTF_8), null));
    }
}
