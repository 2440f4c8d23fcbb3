package dev.hark.app.http;

import dev.hark.app.config.HarkConfig;
import dev.hark.app.reload.ReloadPart;
import dev.hark.app.tls.ListenerTls;
import java.util.List;

/**
 * What of the listeners may change while they run.
 *
 * @param terms what requests of the data listener are judged by
 * @param data  the data listener's encryption
 * @param admin the admin listener's
 */
public record Live(LiveTerms terms, ListenerTls data, ListenerTls admin) {
    /**
     * As {@code config} has it.
     *
     * @throws dev.hark.app.config.ConfigException if one of its files cannot be used
     */
    public static Live of(HarkConfig config) {
        return new Live(
                new LiveTerms(config),
                ListenerTls.of("server.tls", config, each -> each.server().tls()),
                ListenerTls.of("admin.tls", config, each -> each.admin().tls()));
    }

    public List<ReloadPart> parts() {
        return List.of(terms, data, admin);
    }
}
