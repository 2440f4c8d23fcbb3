/**
 * The command line: {@code hark serve}, {@code publish}, {@code subscribe}, {@code check-config}, and {@code log}, whose commands work on
 * the log's files. {@code publish} and {@code subscribe} speak HTTP, like any client, and know nothing of the hub's inside.
 *
 * <p>Runs on the main thread; what belongs to the process comes in through {@link dev.hark.app.cli.Shell}.
 */
@NullMarked
package dev.hark.app.cli;

import org.jspecify.annotations.NullMarked;
