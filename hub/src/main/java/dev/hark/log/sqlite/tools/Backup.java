package dev.hark.log.sqlite.tools;

/**
 * A copy that was made of a log.
 *
 * @param epoch  of the log
 * @param newest the last sequence in it, 0 where there was none
 * @param events how many it holds
 * @param bytes  how large the file is
 */
public record Backup(String epoch, long newest, long events, long bytes) {}
