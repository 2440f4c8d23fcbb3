/**
 * Who is told what happens to topics: hooks, each with an address that is called. The threads of streams and requests count into tallies;
 * one thread notes in the log what has changed; each hook has a thread of its own that reads those notes and calls. The node starts and
 * stops them.
 */
@NullMarked
package dev.hark.app.hook;

import org.jspecify.annotations.NullMarked;
