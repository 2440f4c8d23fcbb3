/**
 * Loads that are written down, in Java or in YAML: both set the same settings by the same names.
 *
 * <p>Values; any thread.
 */
@NullMarked
package dev.hark.load.scenario;

import org.jspecify.annotations.NullMarked;
