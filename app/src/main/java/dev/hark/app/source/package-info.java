/**
 * Where events come from beside HTTP: sources, each with a thread of its own that reads from something outside of the hub and publishes
 * what it finds, whole portions together with their position. The node starts and stops them; each kind of what is outside has a package.
 */
@NullMarked
package dev.hark.app.source;

import org.jspecify.annotations.NullMarked;
