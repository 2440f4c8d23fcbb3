package dev.hark.app.config;

/** A mistake in the configuration: one line that names the key, its value and what is allowed, to be shown to the operator as it is. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
