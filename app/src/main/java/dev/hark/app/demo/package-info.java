/**
 * The demo page: files of the class path, served by the data listener. It uses the hub as any page does.
 */
@NullMarked
package dev.hark.app.demo;

import org.jspecify.annotations.NullMarked;
