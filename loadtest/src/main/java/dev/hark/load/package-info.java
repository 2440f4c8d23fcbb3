/**
 * {@code hark-load}: drives an SSE server with thousands of streams, accounts for every delivery and says whether an objective holds.
 *
 * <p>{@link dev.hark.load.Main} is the way in. Depends on no code of the hub: it speaks HTTP like any other client.
 */
@NullMarked
package dev.hark.load;

import org.jspecify.annotations.NullMarked;
