/**
 * The log that lives in memory: for tests, demos, and topics that nobody needs to resume after a restart. A new epoch at every start.
 */
@NullMarked
package dev.hark.log.memory;

import org.jspecify.annotations.NullMarked;
