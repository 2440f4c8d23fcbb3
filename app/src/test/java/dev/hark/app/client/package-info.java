/**
 * Clients that others wrote, against a running hub: what they make of a stream is what was published.
 */
@NullMarked
package dev.hark.app.client;

import org.jspecify.annotations.NullMarked;
