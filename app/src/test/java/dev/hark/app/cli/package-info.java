/** The command line's tests. Hubs are small fixtures on free ports; waits are conditions. */
@NullMarked
package dev.hark.app.cli;

import org.jspecify.annotations.NullMarked;
