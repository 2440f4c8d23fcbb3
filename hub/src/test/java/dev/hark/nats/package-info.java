/** Real servers of NATS, for tests. */
@NullMarked
package dev.hark.nats;

import org.jspecify.annotations.NullMarked;
