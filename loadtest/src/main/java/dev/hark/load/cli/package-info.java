/**
 * The command line: options in, plans out, results printed, exit codes.
 *
 * <p>Runs on the main thread.
 */
@NullMarked
package dev.hark.load.cli;

import org.jspecify.annotations.NullMarked;
