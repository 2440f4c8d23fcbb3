/**
 * The log that lives in a SQLite database: what it acknowledged is on disk, and a restart resumes where it was.
 *
 * <p>Nobody outside calls anything but {@link dev.hark.log.sqlite.SqliteLog}; what else is public is for the tools that look at a log from
 * another process, which have a room of their own. SQLite's native code runs on three platform threads, one that writes and two that read,
 * and never on a virtual one: two virtual threads in native code stop a node with two processors.
 */
@NullMarked
package dev.hark.log.sqlite;

import org.jspecify.annotations.NullMarked;
