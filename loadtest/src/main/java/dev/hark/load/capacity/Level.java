package dev.hark.load.capacity;

/**
 * What one level of a search cost the server.
 *
 * @param streams how many were up
 * @param publishesPerSecond acknowledged events a second
 * @param deliveriesPerSecond deliveries a second
 * @param cores the server's processors in use
 * @param idleCores the same before the first event
 * @param memoryBytes the server's resident memory at the end
 * @param emptyBytes the same before the first stream; 0 where that is not known
 * @param connectPerSecond streams that started a second
 */
public record Level(
        double streams,
        double publishesPerSecond,
        double deliveriesPerSecond,
        double cores,
        double idleCores,
        double memoryBytes,
        double emptyBytes,
        double connectPerSecond) {}
