/**
 * The admin listener: health and metrics, through Helidon's observe features.
 */
@NullMarked
package dev.hark.app.ops;

import org.jspecify.annotations.NullMarked;
