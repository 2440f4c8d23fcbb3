/**
 * The event log: the one totally ordered sequence of events, behind the {@link dev.hark.log.EventLog} seam.
 *
 * <p>Publishers' threads call {@code append} and wait; subscribers' threads call {@code read}; lanes follow {@link dev.hark.log.HotEvents}.
 * Each engine has a package of its own below this one.
 */
@NullMarked
package dev.hark.log;

import org.jspecify.annotations.NullMarked;
