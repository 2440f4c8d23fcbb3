package dev.hark.app.config;

/**
 * Who may use the hub.
 *
 * @param open whether it serves everybody who reaches it, on whatever address it listens
 */
public record AuthSettings(boolean open) {}
