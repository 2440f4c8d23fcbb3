package dev.hark.app.config;

/**
 * The admin listener, where health and metrics are.
 *
 * @param host the address to listen on
 * @param port the port; 0 takes a free one
 */
public record AdminSettings(String host, int port) {}
