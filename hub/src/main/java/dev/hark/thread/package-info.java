/**
 * The platform threads that a node cannot do without: what becomes of the node when one of them dies, and how
 * long one has been at what it does.
 *
 * <p>Used by every room above; knows none of them.
 */
@NullMarked
package dev.hark.thread;

import org.jspecify.annotations.NullMarked;
