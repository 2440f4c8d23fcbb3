/**
 * Two reports side by side: what became better or worse by more than a tolerance.
 *
 * <p>Values; any thread.
 */
@NullMarked
package dev.hark.load.compare;

import org.jspecify.annotations.NullMarked;
