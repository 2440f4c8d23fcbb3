/**
 * What sources and hooks have in common: how far each of them is, as states in the event log, and which of several nodes runs it.
 */
@NullMarked
package dev.hark.app.state;

import org.jspecify.annotations.NullMarked;
