/**
 * The program that fuzzes, with Jazzer, what a stranger's bytes reach. It is started by the profile {@code long}, for each module; the
 * targets stand beside what they are about, and hold in an ordinary build for the inputs that are kept.
 */
@NullMarked
package dev.hark.fuzz;

import org.jspecify.annotations.NullMarked;
