/**
 * The least that a server of Hark's architecture does: programs to measure beside the hub, which say what of its time is its own. They are
 * no tests, and nothing uses them; docs/benchmarks.md says how to run them.
 */
@NullMarked
package dev.hark.app.floor;

import org.jspecify.annotations.NullMarked;
