package dev.hark.fanout;

import dev.hark.log.History;
import java.util.function.LongSupplier;

/**
 * What all the subscribers of a hub share.
 *
 * @param epoch    the log's
 * @param history  for replays
 * @param settings how streams are served
 * @param counters what they count
 * @param batches  what they write from
 * @param nanoTime a monotonic clock, in nanoseconds
 */
record Surroundings(
        String epoch, History history, DeliverySettings settings, DeliveryCounters counters, BatchPool batches, LongSupplier nanoTime) {}
