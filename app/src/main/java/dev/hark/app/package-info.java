/**
 * The program: {@link dev.hark.app.Main} reads the command line, {@link dev.hark.app.Node} is the hub with its listeners.
 *
 * <p>Everything starts and ends here, on the main thread.
 */
@NullMarked
package dev.hark.app;

import org.jspecify.annotations.NullMarked;
