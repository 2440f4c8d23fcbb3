package dev.hark.app.config;

/**
 * Where the event log is kept.
 *
 * @param kind by which engine
 */
public record LogSettings(Kind kind) {
    /** The engines of this version. */
    public enum Kind {
        /** In memory: gone when the process ends. */
        MEMORY
    }
}
