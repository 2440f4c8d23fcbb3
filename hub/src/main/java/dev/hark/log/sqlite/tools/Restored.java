package dev.hark.log.sqlite.tools;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What came of putting a backup in place.
 *
 * @param path   where the log lies
 * @param epoch  its new epoch
 * @param newest the position of its newest event
 * @param events how many it has
 * @param kept   where the log lies that was there before; null where there was none
 */
public record Restored(Path path, String epoch, long newest, long events, @Nullable Path kept) {}
