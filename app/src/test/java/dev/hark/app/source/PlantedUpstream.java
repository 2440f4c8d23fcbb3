package dev.hark.app.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What a test has it give, by a position that is a number, 0 at first. */
record PlantedUpstream(Reads reads) implements Upstream {
    @FunctionalInterface
    interface Reads {
        Portion at(int position) throws UpstreamException, HeldUpException;

        default void opens() {}

        default void closes() {}
    }

    static Item event(String topic) {
        return new Item.Accepted("1", new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, new byte[] {'1'}, null));
    }

    @Override
    public String kind() {
        return "planted";
    }

    @Override
    public String address() {
        return "planted";
    }

    @Override
    public Reading open() {
        reads.opens();
        return new Reading() {
            @Override
            public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException, HeldUpException {
                return reads.at(position == null ? 0 : position.asInt());
            }

            @Override
            public void stored(JsonNode position, List<String> refused) {}

            @Override
            public boolean awaitMore(Duration most) {
                LockSupport.parkNanos(most.toNanos());
                return false;
            }

            @Override
            public void abort() {}

            @Override
            public void close() {
                reads.closes();
            }
        };
    }
}
