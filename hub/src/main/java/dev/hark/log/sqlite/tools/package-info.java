/**
 * What looks at a log in SQLite from outside, in a process of its own: reading it whole, checking it, taking events out of it, and putting
 * a backup in its place.
 *
 * <p>Only the command line calls it; it builds on the engine's room, which knows nothing of it. All of it runs on the caller's thread.
 * Reading works beside a running hub and changes nothing; whatever is damaged, every walk through a log ends.
 */
@NullMarked
package dev.hark.log.sqlite.tools;

import org.jspecify.annotations.NullMarked;
