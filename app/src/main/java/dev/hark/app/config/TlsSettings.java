package dev.hark.app.config;

import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What Helidon is told about encryption: the keys of its {@code tls} section, unread by us.
 *
 * @param values the keys relative to {@code server.tls}, lists by index
 */
public record TlsSettings(Map<String, String> values) {
    public TlsSettings {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The section as Helidon's builders take it. */
    public Config config() {
        return Config.builder(ConfigSources.create(values))
                .disableEnvironmentVariablesSource()
                .disableSystemPropertiesSource()
                .disableKeyResolving()
                .disableValueResolving()
                .build();
    }

    /**
     * Reads the certificates and keys.
     *
     * @throws ConfigException if Helidon cannot use them
     */
    public Tls tls() {
        Tls tls = create();
        boolean managed = values.keySet().stream().anyMatch(name -> name.startsWith("manager"));
        if (tls.enabled() && tls.prototype().privateKey().isEmpty() && !managed) {
            // Helidon passes over names that it does not know, and serves nobody.
            throw new ConfigException("server.tls has no private key, so nobody could connect; check the names of its keys,"
                    + " the alias of the key in its keystore among them");
        }
        return tls;
    }

    private Tls create() {
        try {
            return Tls.create(config());
        } catch (RuntimeException e) {
            // Helidon refuses with exceptions of five modules that share no other ancestor; all of them are about what the operator wrote.
            throw new ConfigException("server.tls cannot be used: " + String.valueOf(e.getMessage()).replaceAll("\\R", " "));
        }
    }

    /** The names alone: the values hold passphrases. */
    @Override
    public String toString() {
        return "TlsSettings" + values.keySet();
    }
}
