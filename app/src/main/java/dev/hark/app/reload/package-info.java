/**
 * What of the configuration may change while the hub runs: {@link dev.hark.app.reload.Reload} reads it anew, and has each
 * {@link dev.hark.app.reload.ReloadPart} take on its share, all of them or none.
 *
 * <p>The node lists the parts. A reload runs on the thread of who asks for it, one after another.
 */
@NullMarked
package dev.hark.app.reload;

import org.jspecify.annotations.NullMarked;
