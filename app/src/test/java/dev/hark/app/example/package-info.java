/**
 * The programs of {@code docs/examples}, built and run as their readers would, against a hub.
 */
@NullMarked
package dev.hark.app.example;

import org.jspecify.annotations.NullMarked;
