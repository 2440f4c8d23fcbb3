/**
 * A log that several nodes share: a {@link dev.hark.log.replicated.Journal} orders groups of batches, and each node keeps what they become
 * in a replica of its own. Knows neither what the journal is nor how the replica keeps.
 */
@NullMarked
package dev.hark.log.replicated;

import org.jspecify.annotations.NullMarked;
