/** Tables of a team's own database, into which it writes events in the transactions that they are about: outboxes. */
@NullMarked
package dev.hark.app.source.jdbc;

import org.jspecify.annotations.NullMarked;
