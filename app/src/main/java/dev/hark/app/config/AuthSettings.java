package dev.hark.app.config;

import java.util.List;

/**
 * Who may use the hub.
 *
 * @param open      whether everybody may do everything
 * @param anonymous what a caller without credentials may do
 * @param keys      of services
 */
public record AuthSettings(boolean open, Rights anonymous, List<KeySettings> keys) {
    public AuthSettings {
        keys = List.copyOf(keys);
    }

    /** Whether it says who may do what. Where it does not, a hub on a loopback address is open. */
    public boolean saysWho() {
        return !anonymous.equals(Rights.NONE) || !keys.isEmpty();
    }

    /** Whether there is a key that the admin listener answers to. */
    public boolean hasAdminKey() {
        return keys.stream().anyMatch(KeySettings::admin);
    }

    /** Whether everybody may do everything that this hub lets anybody reach. */
    public boolean letsAll() {
        return open || !saysWho();
    }
}
