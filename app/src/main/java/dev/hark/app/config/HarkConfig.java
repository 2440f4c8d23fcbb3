package dev.hark.app.config;

import dev.hark.HubConfig;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.TopicRule;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the configuration says, checked, the relations between its parts included. Immutable.
 *
 * @param server      the data listener
 * @param admin       the admin listener
 * @param log         where the event log is kept
 * @param hub         what the hub is told
 * @param limits      what one caller may ask for
 * @param routes      other people's URLs, the first match wins
 * @param cors        which pages of other origins may use the hub
 * @param auth        who may use the hub
 * @param drainWindow over how long streams are closed at the end
 * @param demo        whether the data listener has the page to try it with
 * @param sources     where events come from beside HTTP
 * @param hooks       who is told what happens to topics
 */
public record HarkConfig(
        ServerSettings server,
        AdminSettings admin,
        LogSettings log,
        HubConfig hub,
        RequestLimits limits,
        List<RouteRule> routes,
        CorsSettings cors,
        AuthSettings auth,
        Duration drainWindow,
        boolean demo,
        List<SourceSettings> sources,
        List<HookSettings> hooks) {

    /** Of sources and hooks, whose positions are compared by keys. */
    private static final int KEYS_FOR_POSITIONS = 10_000;
    private static final Duration AGE_FOR_POSITIONS = Duration.ofMinutes(10);

    /** The topics of the hub's own. */
    public static final TopicFilter OWN_TOPICS = TopicFilter.stored("$hark/**");

    /** Before what each of them is called, those of tickets that several nodes share. */
    public static final String TICKET_TOPICS = "$hark/tickets/";

    /** @throws ConfigException naming the settings that contradict each other */
    public HarkConfig {
        routes = List.copyOf(routes);
        sources = List.copyOf(sources);
        hooks = List.copyOf(hooks);
        List<RouteRule> paths = routes;
        String keepsPositions = !sources.isEmpty() ? "sources" : !hooks.isEmpty() ? "hooks" : "";
        ConfigException.requireAll(
                () -> requireDistinctPorts(server, admin),
                () -> requireLoopbackOrAuth("server.host", server.host(), auth),
                () -> requireLoopbackOrAdminKey(admin.host(), auth),
                auth::requireDistinct,
                () -> requireRoomInRetention(hub, log.config().classes(), limits),
                () -> requireReachableRules(hub.topics()),
                () -> requireKeysForPositions(keepsPositions, log.config().idempotency()),
                () -> requireDistinctPaths(paths),
                () -> requireAtMost("limits.subscribers-per-ip", limits.subscribersPerIp(), "limits.subscribers", hub.maxSubscribers()),
                () -> requireAtMost("limits.subscribers-per-subject", limits.subscribersPerSubject(), "limits.subscribers",
                        hub.maxSubscribers()));
    }

    /** Whether somebody on another machine may be able to use the hub, while nothing says who may. */
    public boolean isOpenToOthers() {
        return auth.open() && !isLoopback(server.host());
    }

    /**
     * What holds once a hub that was started with this has taken on what of {@code next} may change while it runs.
     *
     * @throws ConfigException if the two together contradict themselves, though neither does
     */
    public HarkConfig changedBy(HarkConfig next) {
        return new HarkConfig(
                server.withTls(next.server.tls()), admin.withTls(next.admin.tls()), log, hub,
                limits.withPublishRate(next.limits.publishRate()), routes, next.cors, next.auth, drainWindow, demo, sources,
                hooks);
    }

    /**
     * Whether the admin listener answers to bearers of an admin key alone, because it can be reached from other machines.
     *
     * @param now what holds of {@code auth}
     */
    public boolean adminNeedsKey(AuthSettings now) {
        return !isLoopback(admin.host()) && (now.hasAdminKey() || !now.open());
    }

    private static void requireDistinctPorts(ServerSettings server, AdminSettings admin) {
        if (server.port() == admin.port() && server.port() != 0) {
            throw new ConfigException("admin.port is " + admin.port() + ", as server.port is; two different ports are needed");
        }
    }

    private static void requireLoopbackOrAuth(String key, String host, AuthSettings auth) {
        if (!auth.saysWho() && !auth.open() && !isLoopback(host)) {
            throw new ConfigException(key + " is " + YamlNode.quoted(host)
                    + ", which others can reach, and nothing in auth says who may use the hub; "
                    + "a loopback address such as 127.0.0.1 is allowed, or auth.open: true to serve everybody");
        }
    }

    private static void requireLoopbackOrAdminKey(String host, AuthSettings auth) {
        if (!auth.hasAdminKey() && !auth.open() && !isLoopback(host)) {
            throw new ConfigException("admin.host is " + YamlNode.quoted(host)
                    + ", which others can reach, and no key in auth.keys has admin: true; "
                    + "a loopback address such as 127.0.0.1 is allowed, or such a key, or auth.open: true to answer everybody");
        }
    }

    /** Names are not looked up: what a resolver says now is no promise. */
    private static boolean isLoopback(String host) {
        if (host.toLowerCase(Locale.ROOT).equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What a mailbox cannot take its stream finds in the log, which must hold as much. */
    private static void requireRoomInRetention(HubConfig hub, TopicClasses classes, RequestLimits limits) {
        for (int i = 0; i < hub.topics().size(); i++) {
            TopicRule rule = hub.topics().get(i);
            String place = "topics." + i;
            TopicClass kept = classes.all().get(classes.assignments().get(i).number());
            Retention retention = kept.keep().retention();
            if (retention != null) {
                String bounds = kept.number() == 0 ? "log.retention" : place + ".keep";
                requireAtMost(place + ".mailbox.events", rule.mailbox().events(), bounds + ".events", retention.events());
                requireBytesAtMost(place + ".mailbox.bytes", rule.mailbox().bytes(), bounds + ".bytes", retention.bytes());
                requireBytesAtMost("limits.event-bytes", limits.eventBytes(), bounds + ".bytes", retention.bytes());
            }
        }
    }

    /** A source knows by a key whether what it tried to publish is in the log, and a hook whether its position is. */
    private static void requireKeysForPositions(String who, IdempotencyLimits keys) {
        if (!who.isEmpty() && keys.keys() < KEYS_FOR_POSITIONS) {
            throw new ConfigException("log.idempotency.keys is " + keys.keys() + "; with " + who + " at least " + KEYS_FOR_POSITIONS
                    + " are needed");
        }
        if (!who.isEmpty() && keys.age().compareTo(AGE_FOR_POSITIONS) < 0) {
            throw new ConfigException("log.idempotency.age is " + TimeSpan.print(keys.age()) + "; with " + who + " at least "
                    + TimeSpan.print(AGE_FOR_POSITIONS) + " is needed");
        }
    }

    private static void requireAtMost(String key, long value, String other, long limit) {
        if (value > limit) {
            throw new ConfigException(key + " is " + value + "; at most " + other + ", which is " + limit + ", is allowed");
        }
    }

    private static void requireBytesAtMost(String key, long value, String other, long limit) {
        if (value > limit) {
            throw new ConfigException(key + " is " + ByteSize.print(value) + "; at most " + other + ", which is " + ByteSize.print(limit)
                    + ", is allowed");
        }
    }

    private static void requireReachableRules(List<TopicRule> rules) {
        for (int later = 1; later < rules.size(); later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                if (rules.get(earlier).match().covers(rules.get(later).match())) {
                    throw new ConfigException("topics." + later + ".match is '" + rules.get(later).match()
                            + "', which never matches: topics." + earlier + ".match, which is '" + rules.get(earlier).match()
                            + "', comes first; the more special rule must come first");
                }
            }
        }
    }

    private static void requireDistinctPaths(List<RouteRule> routes) {
        Set<String> subscribe = new HashSet<>();
        Set<String> publish = new HashSet<>();
        for (int i = 0; i < routes.size(); i++) {
            requireNew("routes." + i + ".subscribe", routes.get(i).subscribe(), subscribe);
            requireNew("routes." + i + ".publish", routes.get(i).publish(), publish);
        }
    }

    private static void requireNew(String key, @Nullable PathTemplate path, Set<String> seen) {
        if (path != null && !seen.add(path.shape())) {
            throw new ConfigException(key + " is '" + path + "', which an earlier route has too; each path is allowed once");
        }
    }
}
