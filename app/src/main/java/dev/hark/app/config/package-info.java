/**
 * The configuration: YAML, environment and {@code --set} become records, each key declared once, in {@link dev.hark.app.config.Schema}.
 *
 * <p>Read on the thread that starts the program, and again on those that reload it. The records are immutable and may be read from
 * anywhere; nothing here starts anything.
 */
@NullMarked
package dev.hark.app.config;

import org.jspecify.annotations.NullMarked;
