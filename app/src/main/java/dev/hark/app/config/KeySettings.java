package dev.hark.app.config;

/**
 * A key for a service.
 *
 * @param name   by which the log and revocations know it
 * @param hash   the SHA-256 of the key, in hexadecimal
 * @param rights what it lets do with topics
 * @param admin  whether the admin listener answers to it
 */
public record KeySettings(String name, String hash, Rights rights, boolean admin) {}
