package dev.hark.app.access;

import dev.hark.app.config.Rights;

/**
 * What a caller was found to be, and what it may do.
 *
 * @param caller for the log: {@code key shop-backend}; never a secret
 * @param rights what it may do
 */
public record Grant(String caller, Rights rights) {}
