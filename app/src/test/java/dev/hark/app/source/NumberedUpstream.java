package dev.hark.app.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers from 1 to {@code count}. Any number of readings at once.
 *
 * @param fails asked before each step, whether that goes wrong
 */
record NumberedUpstream(int count, BooleanSupplier fails) implements Upstream {
    static final String TOPIC = "numbers";

    @Override
    public String kind() {
        return "numbers";
    }

    @Override
    public String address() {
        return "1 to " + count;
    }

    @Override
    public Reading open() throws UpstreamException {
        step();
        return new NumberedReading();
    }

    private void step() throws UpstreamException {
        if (fails.getAsBoolean()) {
            throw new UpstreamException("planted");
        }
    }

    private final class NumberedReading implements Reading {
        @Override
        public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException {
            step();
            int from = position == null ? 0 : position.asInt();
            int to = Math.min(count, from + limit);
            List<Item> items = new ArrayList<>();
            for (int number = from + 1; number <= to; number++) {
                byte[] data = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
                items.add(new Item.Accepted("" + number, new Draft(new Topic(TOPIC), Draft.DEFAULT_TYPE, null, data, null)));
            }
            return new Portion(items, JsonNodeFactory.instance.numberNode(to), count - to);
        }

        @Override
        public void stored(JsonNode position, List<String> refused) throws UpstreamException {
            step();
        }

        @Override
        public boolean awaitMore(Duration most) {
            LockSupport.parkNanos(most.toNanos());
            return false;
        }

        @Override
        public void abort() {}

        @Override
        public void close() {}
    }
}
