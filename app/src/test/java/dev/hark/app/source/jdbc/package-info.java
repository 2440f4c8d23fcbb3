/** Outboxes in databases of the tests' own. */
@NullMarked
package dev.hark.app.source.jdbc;

import org.jspecify.annotations.NullMarked;
