/** Sources on logs and upstreams of the tests' own. */
@NullMarked
package dev.hark.app.source;

import org.jspecify.annotations.NullMarked;
