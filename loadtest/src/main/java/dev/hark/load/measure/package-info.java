/**
 * Numbers and what is made of them: the measured quantities, objectives, validity, the verdict, and a process seen through /proc.
 *
 * <p>Values, but for {@link dev.hark.load.measure.ProcessProbe}; any thread may use them.
 */
@NullMarked
package dev.hark.load.measure;

import org.jspecify.annotations.NullMarked;
