/** Tests of reading the configuration anew. */
@NullMarked
package dev.hark.app.reload;

import org.jspecify.annotations.NullMarked;
