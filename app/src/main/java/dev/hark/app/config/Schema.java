package dev.hark.app.config;

import dev.hark.HubConfig;
import dev.hark.app.config.RequestLimits.OverloadAnswer;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.TopicRule;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every key of the configuration, once: its name, type, default and range. What a key is for stands in {@code application.yaml}. Stateless.
 */
final class Schema {
    /** Of the largest heap, where nothing is said. */
    private static final int INDEX_HEAP_SHARE = 8;

    private static final long LEAST_INDEX_BYTES = 1L << 20;
    private static final long MOST_INDEX_BYTES = 1L << 40;

    /** Events that an EventSource raises by itself, and the name of events without a name: a heartbeat must not look like one. */
    private static final Set<String> PAGES_OWN = Set.of("open", "error", "message");

    private static final String FOREVER = "P36500D";

    /** What the hub keeps for itself. */
    private static final Keep OWN_KEEP = new Keep(new Retention(100_000, Duration.ofDays(36_500), 64 << 20), true);

    /** Tickets, which last for an hour at most: more of them than are given while one waits to be used. */
    private static final Keep TICKETS_KEEP = new Keep(new Retention(200_000, Duration.ofHours(2), 256 << 20));

    /** The positions of one source or hook, of which only the newest counts. */
    private static final Keep POSITIONS_KEEP = new Keep(new Retention(SourceSettings.KEPT_STATES, Duration.ofDays(36_500), 16 << 20));

    /** What one hook is still to tell, and of each topic that is listened to on a node that it is. */
    private static final Keep NOTES_KEEP = new Keep(new Retention(200_000, Duration.ofDays(36_500), 128 << 20), true);

    /** The rules that hold where no {@code topics} are given; the last one also fills what a given rule leaves out. */
    private static final List<RuleDefaults> DEFAULT_RULES = List.of(
            new RuleDefaults("prices/**", "conflate", 64, "64KiB",
                    new KeepDefaults(new Retention(100_000, Duration.ofHours(1), 64 << 20), true)),
            new RuleDefaults("**", "replay", 256, "256KiB", null));

    private static final RuleDefaults UNMATCHED = new RuleDefaults(null, "replay", 256, "256KiB", null);

    /** {@code keep} is null where the topics are kept as {@code log.retention} says. */
    private record RuleDefaults(@Nullable String match, String overflow, int events, String bytes, @Nullable KeepDefaults keep) {}

    private record KeepDefaults(Retention bounds, boolean latest) {}


    private Schema() {}

    /** @throws ConfigException with all the mistakes that were found */
    static HarkConfig read(Settings settings) {
        Section root = settings.root();
        Section delivery = root.section("delivery");
        ServerSettings server = server(root.section("server"), delivery);
        AdminSettings admin = admin(root.section("admin"));
        Duration stall = root.section("health").duration("stall", "PT10S", "PT0.1S", "PT10M");
        LogSettings log = log(root.section("log"), stall);
        DeliverySettings streams = delivery(delivery);
        List<RuleParts> rules = topics(root, log.config().retention());
        List<TopicRule> topics = rules.stream().map(RuleParts::rule).toList();
        Limits limits = limits(root.section("limits"));
        List<RouteParts> routes = routes(root);
        Section cors = root.section("cors");
        List<String> origins = cors.list("origins", "'*' or an origin such as https://example.com", Schema::origin);
        boolean credentials = cors.flag("credentials", false);
        AuthSettings auth = AuthSchema.read(root.section("auth"));
        Duration drainWindow = root.section("drain").duration("window", "PT5S", "PT0S", "PT1H");
        boolean demo = root.section("demo").flag("enabled", true);
        List<SourceSettings> sources = SourceSchema.read(root);
        List<HookSettings> hooks = HookSchema.read(root);
        settings.refuseUnknown();
        settings.requireNoMistakes();

        // Only now: a misspelt key explains a contradiction better than the contradiction itself.
        var keeps = new ArrayList<>(rules.stream().map(rule -> new TopicClasses.Rule(rule.rule().match(), rule.keep())).toList());
        // Before all that is the hub's own: the newest positions of each source stay for good, whatever others keep.
        sources.forEach(source ->
                keeps.add(new TopicClasses.Rule(TopicFilter.stored(SourceSettings.STATE_TOPICS + source.name()), POSITIONS_KEEP)));
        if (auth.saysWho() && log.kind() == LogSettings.Kind.JETSTREAM) {
            // Apart from revocations, which no crowd of tickets may push out.
            keeps.add(new TopicClasses.Rule(TopicFilter.stored(HarkConfig.TICKET_TOPICS + "*"), TICKETS_KEEP));
        }
        hooks.forEach(hook -> {
            keeps.add(new TopicClasses.Rule(TopicFilter.stored(hook.stateTopic()), POSITIONS_KEEP));
            keeps.add(new TopicClasses.Rule(TopicFilter.stored(hook.notesTopic()), NOTES_KEEP));
        });
        if (auth.saysWho()) {
            // Revocations, of which the newest of each stays. Where there can be none, the log need not know of a class more.
            keeps.add(new TopicClasses.Rule(HarkConfig.OWN_TOPICS, OWN_KEEP));
        }
        return checked("", () -> new HarkConfig(server, admin, log.withRules(keeps),
                new HubConfig(streams, topics, limits.subscribers(), limits.index(), stall), limits.toRequestLimits(),
                routes.stream().map(RouteParts::toRule).toList(), new CorsSettings(origins, credentials), auth, drainWindow, demo,
                sources, hooks));
    }

    private static ServerSettings server(Section server, Section delivery) {
        return new ServerSettings(
                server.parsed("host", "127.0.0.1", "a host name or an address", Schema::host),
                server.list("hosts", "'*' or a host name such as hub.example.com, without a port", Schema::hostName),
                server.list("proxies", "an address or a range such as 10.0.0.0/8", AddressRange::parse),
                server.number("port", 8080, 0, 65_535),
                server.number("backlog", 4096, 1, 65_535),
                server.duration("idle-timeout", "PT75S", "PT1S", "P1D"),
                server.duration("arrival-timeout", "PT10S", "PT0.1S", "PT1H"),
                Math.toIntExact(delivery.size("send-buffer", "64KiB", "4KiB", "16MiB")),
                TlsSchema.read(server, "server"));
    }

    private static AdminSettings admin(Section admin) {
        return new AdminSettings(
                admin.parsed("host", "127.0.0.1", "a host name or an address", Schema::host),
                admin.number("port", 9090, 0, 65_535),
                TlsSchema.read(admin, "admin"));
    }

    private static LogSettings log(Section log, Duration stall) {
        LogSettings.Kind kind = log.parsed("kind", "sqlite", "memory | sqlite | jetstream", text -> switch (text) {
            case "memory" -> LogSettings.Kind.MEMORY;
            case "sqlite" -> LogSettings.Kind.SQLITE;
            case "jetstream" -> LogSettings.Kind.JETSTREAM;
            default -> throw new IllegalArgumentException("");
        });
        Path path = log.parsed("path", "data/hark.db", "the path of a file", Schema::file);
        Durability durability = log.choice("durability", "fsync", Durability.values(), Durability::configName);
        return new LogSettings(kind, path, durability, ClusterSchema.read(log, kind), logConfig(log, stall));
    }

    private static LogConfig logConfig(Section log, Duration stall) {
        Section retention = log.section("retention");
        Section idempotency = log.section("idempotency");
        Retention retained = retention(retention, new Retention(1_000_000, Duration.ofDays(1), 1 << 30));
        var hot = new HotLimits(log.number("hot-events", 10_000, 1, 100_000_000), log.size("hot-bytes", "64MiB", "1KiB", "1TiB"));
        var keys = new IdempotencyLimits(
                idempotency.number("keys", 1_000_000, 1, 1_000_000_000), idempotency.duration("age", "P1D", "PT1S", FOREVER));
        int latest = log.section("latest").number("keys", LogConfig.DEFAULT_LATEST_KEYS, 1, 100_000_000);
        return new LogConfig(TopicClasses.one(retained), hot, keys, latest, stall);
    }

    private static Path file(String text) {
        if (text.isBlank() || text.indexOf('?') >= 0) {
            throw new IllegalArgumentException(text.isBlank() ? "" : "without a '?'");
        }
        return Path.of(text);
    }

    private static DeliverySettings delivery(Section delivery) {
        int lanes = delivery.parsed("lanes", "auto", "auto or a whole number from 1 to " + DeliverySettings.MAX_LANES, Schema::lanes);
        Duration heartbeat = delivery.duration("heartbeat", "PT15S", "PT0.01S", "P1D");
        String heartbeatEvent = delivery.parsed(
                "heartbeat-event", "", "an event name of at most 256 characters, or \"\",", Schema::eventName);
        Duration retry = delivery.duration("retry", "PT2S", "PT0.1S", "P1D");
        Duration writeTimeout = delivery.duration("write-timeout", "PT10S", "PT0.01S", "P1D");
        return new DeliverySettings(lanes, heartbeat, heartbeatEvent, retry, writeTimeout);
    }

    private record RuleParts(TopicRule rule, @Nullable Keep keep) {}

    private static List<RuleParts> topics(Section root, Retention byDefault) {
        boolean given = root.isInFile("topics");
        List<RuleParts> rules = new ArrayList<>();
        for (Section rule : root.sections("topics", DEFAULT_RULES.size())) {
            boolean isDefault = !given && rules.size() < DEFAULT_RULES.size();
            RuleDefaults defaults = isDefault ? DEFAULT_RULES.get(rules.size()) : UNMATCHED;
            Section mailbox = rule.section("mailbox");
            OverflowPolicy overflow = rule.choice("overflow", defaults.overflow(), OverflowPolicy.values(), OverflowPolicy::configName);
            var limits = new MailboxLimits(
                    mailbox.number("events", defaults.events(), 1, 1_000_000),
                    Math.toIntExact(mailbox.size("bytes", defaults.bytes(), "1", "1GiB")));
            Duration linger = rule.duration("linger", "PT0S", "PT0.1S", "PT0S", TopicRule.MAX_LINGER.toString());
            // One whose match is wrong has been noted, and holds its place, so that the next one has its own defaults.
            TopicFilter match = rule.item(
                    () -> rule.parsed("match", defaults.match(), "a topic filter such as prices/**", TopicFilter::new))
                    .orElse(TopicFilter.ALL);
            rules.add(new RuleParts(new TopicRule(match, overflow, limits, linger), keep(rule, byDefault, defaults.keep())));
        }
        return rules;
    }

    /** What the rule says that the log keeps, or {@code own} where it says less; null where neither says anything. */
    private static @Nullable Keep keep(Section rule, Retention byDefault, @Nullable KeepDefaults own) {
        if (rule.isWord("keep", "nothing", "nothing, or a section with events, age, bytes and latest,")) {
            return Keep.NOTHING;
        }
        if (own != null) {
            Section part = rule.part("keep");
            return new Keep(retention(part, own.bounds()), part.flag("latest", own.latest()));
        }
        if (!rule.isGiven("keep")) {
            return null;
        }
        Section part = rule.part("keep");
        Retention retention = retention(part, byDefault);
        rule.inherits("keep", "log.retention");
        return new Keep(retention, part.flag("latest", false));
    }

    private static Retention retention(Section section, Retention byDefault) {
        return new Retention(
                section.number("events", byDefault.events(), 1, 1_000_000_000_000L),
                section.duration("age", byDefault.age().toString(), "PT1S", FOREVER),
                section.size("bytes", ByteSize.print(byDefault.bytes()), "1KiB", "1024TiB"));
    }

    private static Limits limits(Section limits) {
        return new Limits(
                limits.number("subscribers", 100_000, 1, 10_000_000),
                limits.number("subscribers-per-ip", 0, 0, 10_000_000),
                limits.number("subscribers-per-subject", 0, 0, 10_000_000),
                new IndexLimits(
                        Math.toIntExact(limits.size("subscription-bytes", "128KiB", "2KiB", "1MiB")),
                        limits.parsed("index-bytes", "auto", "auto or a size from 1MiB to 1TiB, such as 64MiB,", Schema::indexBytes)),
                Math.toIntExact(limits.size("event-bytes", "60KiB", "1", "16MiB")),
                limits.number("batch-events", 1000, 1, 100_000),
                Math.toIntExact(limits.size("batch-bytes", "1MiB", "1", "256MiB")),
                limits.number("publish-rate", 0, 0, 100_000_000),
                limits.choice("overload-answer", "retry", OverloadAnswer.values(), OverloadAnswer::configName));
    }

    private static List<RouteParts> routes(Section root) {
        String path = "a path such as /api/streams/{streamId}";
        List<RouteParts> routes = new ArrayList<>();
        int read = 0;
        for (Section route : root.sections("routes", 0)) {
            String place = "routes." + read++;
            // Each on its own, so that the keys behind a wrong one are asked for as well.
            Optional<PathTemplate> subscribe = route.item(() -> route.optional("subscribe", path, PathTemplate::new));
            Optional<PathTemplate> publish = route.item(() -> route.optional("publish", path, PathTemplate::new));
            route.item(() -> route.parsed("topic", null, "a topic such as streams/{streamId}", TopicTemplate::new))
                    .ifPresent(topic -> routes.add(new RouteParts(place, subscribe.orElse(null), publish.orElse(null), topic)));
        }
        return routes;
    }

    private static String host(String text) {
        // An IPv6 address has at least two colons; one is a port's, which has a key of its own.
        boolean port = text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':');
        if (port || !text.matches("[A-Za-z0-9._:%-]+")) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    private static String hostName(String text) {
        if (!text.equals("*") && !text.matches("[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    private static int lanes(String text) {
        if (text.equals("auto")) {
            return Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, DeliverySettings.MAX_LANES);
        }
        int lanes = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        if (lanes < 1 || lanes > DeliverySettings.MAX_LANES) {
            throw new IllegalArgumentException("");
        }
        return lanes;
    }

    private static long indexBytes(String text) {
        if (text.equals("auto")) {
            return Math.max(LEAST_INDEX_BYTES, Runtime.getRuntime().maxMemory() / INDEX_HEAP_SHARE);
        }
        long bytes = ByteSize.parse(text).orElse(0);
        if (bytes < LEAST_INDEX_BYTES || bytes > MOST_INDEX_BYTES) {
            throw new IllegalArgumentException("");
        }
        return bytes;
    }

    private static String eventName(String text) {
        if (text.startsWith("hark.")) {
            throw new IllegalArgumentException("names that begin with hark. are the hub's own");
        }
        if (PAGES_OWN.contains(text)) {
            throw new IllegalArgumentException(text + " is what a browser calls something of its own");
        }
        if (text.length() > 256 || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    /** RFC 6454, section 6.2: scheme, host and port, no path. */
    private static String origin(String text) {
        if (text.equals(CorsSettings.ANY)) {
            return text;
        }
        // As a name that URI knows, where the asterisk of "all subdomains" stands, or an underscore as Docker's names have them.
        URI origin = URI.create(text.replaceFirst("://\\*\\.", "://any.").replace('_', '-'));
        boolean bare = origin.getRawPath() != null && origin.getRawPath().isEmpty() && origin.getRawQuery() == null
                && origin.getRawFragment() == null && origin.getRawUserInfo() == null;
        if (origin.getScheme() == null || origin.getHost() == null || !bare) {
            throw new IllegalArgumentException("scheme, host and port alone, without a path");
        }
        return text;
    }

    /** Names the mistake's place where a record only knows its own fields. */
    private static <T> T checked(String place, Supplier<T> record) {
        try {
            return record.get();
        } catch (ConfigException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ConfigException((place.isEmpty() ? "" : place + ": ") + e.getMessage());
        }
    }

    private record Limits(
            int subscribers,
            int subscribersPerIp,
            int subscribersPerSubject,
            IndexLimits index,
            int eventBytes,
            int batchEvents,
            int batchBytes,
            int publishRate,
            OverloadAnswer answer) {
        RequestLimits toRequestLimits() {
            return new RequestLimits(
                    subscribersPerIp, subscribersPerSubject, eventBytes, batchEvents, batchBytes, publishRate, answer);
        }
    }

    private record RouteParts(String place, @Nullable PathTemplate subscribe, @Nullable PathTemplate publish, TopicTemplate topic) {
        RouteRule toRule() {
            return checked(place, () -> new RouteRule(subscribe, publish, topic));
        }
    }
}
