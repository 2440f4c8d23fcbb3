/** Tests of what listeners read their keys from. */
@NullMarked
package dev.hark.app.tls;

import org.jspecify.annotations.NullMarked;
