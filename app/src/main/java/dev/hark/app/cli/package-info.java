/**
 * The command line: {@code hark serve}, {@code publish}, {@code subscribe} and {@code check-config}. The two in the middle speak HTTP, like
 * any client, and know nothing of the hub's inside.
 *
 * <p>Runs on the main thread; what belongs to the process comes in through {@link dev.hark.app.cli.Shell}.
 */
@NullMarked
package dev.hark.app.cli;

import org.jspecify.annotations.NullMarked;
