/**
 * The places of the listeners: who holds one, since when and for what, and who gives his up. Between Helidon, which accepts, and
 * {@code http}, which answers; knows of neither hub nor events. One thread looks after all connections; everything else runs on theirs.
 */
@NullMarked
package dev.hark.app.listen;

import org.jspecify.annotations.NullMarked;
