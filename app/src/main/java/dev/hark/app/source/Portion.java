package dev.hark.app.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What is published at once.
 *
 * @param items    in their order; empty where there is nothing now
 * @param position where the next one begins
 * @param waiting  how many items are known to wait behind them
 */
public record Portion(List<Item> items, JsonNode position, long waiting) {
    public Portion {
        items = List.copyOf(items);
    }
}
