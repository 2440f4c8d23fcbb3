/** Who may do what, and until when: decided in one place, {@link dev.hark.app.access.AccessControl}. */
@NullMarked
package dev.hark.app.access;

import org.jspecify.annotations.NullMarked;
