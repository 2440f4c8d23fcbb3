/** Hooks, by themselves and with a hub around them. */
@NullMarked
package dev.hark.app.hook;

import org.jspecify.annotations.NullMarked;
