package dev.hark.app.config;

import java.util.List;

/**
 * Which pages of other origins may use the hub from a browser.
 *
 * @param origins     the origins, such as {@code https://example.com}; {@code *} is every one; none by default
 * @param credentials whether those pages may send cookies and credentials
 */
public record CorsSettings(List<String> origins, boolean credentials) {
    /** Every origin. */
    public static final String ANY = "*";

    /** @throws ConfigException if any page could act with a visitor's credentials */
    public CorsSettings {
        origins = List.copyOf(origins);
        if (credentials && origins.contains(ANY)) {
            throw new ConfigException("cors.credentials is true and cors.origins has '*'; browsers refuse that: name the origins");
        }
    }
}
