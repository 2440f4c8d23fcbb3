/**
 * The demo page, driven in headless Chromium by somebody who only sees what it shows.
 */
@NullMarked
package dev.hark.app.demo;

import org.jspecify.annotations.NullMarked;
