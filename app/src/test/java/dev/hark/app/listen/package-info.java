/** Tests of the listeners' places, beside what they test. */
@NullMarked
package dev.hark.app.listen;

import org.jspecify.annotations.NullMarked;
