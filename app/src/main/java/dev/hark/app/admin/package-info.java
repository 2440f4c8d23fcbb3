/**
 * What operators and their machines are told: health, and metrics. {@code http} serves it on the admin listener.
 */
@NullMarked
package dev.hark.app.admin;

import org.jspecify.annotations.NullMarked;
