/**
 * What would stop a run, found before it begins: limits of this process, of the server's, and of the kernel between them.
 *
 * <p>Reads /proc; any thread.
 */
@NullMarked
package dev.hark.load.doctor;

import org.jspecify.annotations.NullMarked;
