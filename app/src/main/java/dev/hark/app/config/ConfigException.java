package dev.hark.app.config;

import java.util.ArrayList;
import java.util.List;

/** Mistakes in the configuration: a line each that names the key, its value and what is allowed, to be shown to the operator as it is. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> mistakes;

    public ConfigException(String message) {
        this(List.of(message));
    }

    /** @param mistakes one or more, the first of which is the message */
    public ConfigException(List<String> mistakes) {
        super(mistakes.getFirst());
        this.mistakes = new ArrayList<>(mistakes);
    }

    /** All that was found, in the order in which it was read. */
    public List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    /** Does each of {@code checks}, whatever others find. */
    static void requireAll(Runnable... checks) {
        List<String> found = new ArrayList<>();
        for (Runnable check : checks) {
            try {
                check.run();
            } catch (ConfigException e) {
                found.addAll(e.mistakes());
            }
        }
        if (!found.isEmpty()) {
            throw new ConfigException(found);
        }
    }
}
