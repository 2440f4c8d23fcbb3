package dev.hark.load.capacity;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a server costs: {@code cores = f + a·streams + b·publishes/s + c·deliveries/s} and {@code memory = m0 + m1·streams}.
 *
 * <p>{@code f} and {@code a} come from the quiet time before the first event, {@code b} and {@code c} from what events take beyond that.
 * Each is a {@link Cost} with its confidence interval, and counts only where that is above 0. {@code m0} is what a hub took that had not
 * served yet, and {@code m1} all that it grew by, its log included.
 *
 * @param fixedCores f
 * @param coresPerStream a
 * @param coreSecondsPerPublish b
 * @param coreSecondsPerDelivery c
 * @param baseBytes m0
 * @param bytesPerStream m1
 */
public record CostModel(
        Cost fixedCores,
        Cost coresPerStream,
        Cost coreSecondsPerPublish,
        Cost coreSecondsPerDelivery,
        Cost baseBytes,
        Cost bytesPerStream) {
    /** Fits the model. */
    public static CostModel fit(Evidence evidence) {
        Fit idle = Fit.of(
                ones(evidence.idle().size()),
                values(evidence.idle(), Evidence.Idle::streams),
                values(evidence.idle(), Evidence.Idle::cores));
        Fit work = Fit.of(
                values(evidence.work(), Evidence.Work::publishesPerSecond),
                values(evidence.work(), Evidence.Work::deliveriesPerSecond),
                values(evidence.work(), Evidence.Work::cores));
        // Without streams memory was looked at, and need not be fitted.
        List<Evidence.Footprint> empty = evidence.memory().stream().filter(each -> each.streams() == 0).toList();
        List<Evidence.Footprint> filled = evidence.memory().stream().filter(each -> each.streams() > 0).toList();
        double base = empty.stream().mapToDouble(Evidence.Footprint::bytes).average().orElse(0);
        return new CostModel(
                idle.first(), idle.second(), work.first(), work.second(),
                empty.isEmpty() ? Cost.UNKNOWN : new Cost(base, 0),
                Fit.single(values(filled, Evidence.Footprint::streams), values(filled, each -> each.bytes() - base)));
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static <T> double[] values(List<T> all, ToDoubleFunction<T> read) {
        return all.stream().mapToDouble(read).toArray();
    }
}
