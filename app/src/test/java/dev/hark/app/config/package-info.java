/** The configuration's tests; single-threaded. */
@NullMarked
package dev.hark.app.config;

import org.jspecify.annotations.NullMarked;
