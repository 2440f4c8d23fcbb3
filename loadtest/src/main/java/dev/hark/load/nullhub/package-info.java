/**
 * The smallest server that keeps the protocol: what the generator is calibrated against, and what its tests sabotage.
 *
 * <p>{@link dev.hark.load.nullhub.NullHub} has one thread; everything else here is confined to it.
 */
@NullMarked
package dev.hark.load.nullhub;

import org.jspecify.annotations.NullMarked;
