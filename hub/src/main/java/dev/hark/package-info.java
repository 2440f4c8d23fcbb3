/**
 * The hub as its hosts see it: publish, subscribe, drain, and what it counts. Knows no HTTP; thread-safe.
 */
@NullMarked
package dev.hark;

import org.jspecify.annotations.NullMarked;
