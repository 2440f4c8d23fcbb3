/**
 * What a run is turned into for people and for other programs.
 *
 * <p>Called once a run is over, on the main thread.
 */
@NullMarked
package dev.hark.load.report;

import org.jspecify.annotations.NullMarked;
