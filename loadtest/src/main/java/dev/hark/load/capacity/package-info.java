/**
 * How much a server holds, and how many servers a goal needs: the search over levels, the cost model fitted to what was measured, the plan.
 *
 * <p>Knows no sockets: {@code find-capacity} runs the levels. Values, but for {@link dev.hark.load.capacity.CapacitySearch}.
 */
@NullMarked
package dev.hark.load.capacity;

import org.jspecify.annotations.NullMarked;
