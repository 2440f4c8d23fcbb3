package dev.hark.app.config;

import dev.hark.app.config.HookSettings.On;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every key of the section {@code hooks}, as {@link Schema} has those of all others. Stateless. */
final class HookSchema {
    /** Each keeps two classes of topics of its own. */
    private static final int MAX = 8;

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");

    // As the specification of Standard Webhooks has it.
    private static final String SECRET_PREFIX = "whsec_";
    private static final int MIN_SECRET_BYTES = 24;
    private static final int MAX_SECRET_BYTES = 64;

    private static final int MAX_PORT = 65_535;

    private static final Pattern AT_IN_AUTHORITY = Pattern.compile("[^/?#]*//[^/?#]*@");

    private static final String ANY_OF = Arrays.stream(On.values()).map(On::configName).collect(Collectors.joining(" | "));

    private HookSchema() {}

    static List<HookSettings> read(Section root) {
        List<HookSettings> hooks = new ArrayList<>();
        int read = 0;
        for (Section hook : root.sections("hooks", 0)) {
            String place = "hooks." + read++;
            Optional<String> name = hook.item(() -> hook.parsed(
                    "name", null, "a name such as presence, of 1 to 64 small letters, digits, _ and -,", HookSchema::name));
            Optional<URI> url = hook.item(
                    () -> hook.parsed("url", null, "an address such as https://shop.example.com/hark-hook", HookSchema::url));
            List<HookSettings.Secret> secrets = secrets(hook, place);
            List<TopicFilter> topics = hook.list("topics", "a topic filter such as orders/*", TopicFilter::new);
            Optional<Filters> filters = hook.item(() -> filters(place, topics));
            Set<On> on = on(hook, place);
            int batch = hook.number("batch", 100, 1, 500);
            Duration timeout = hook.duration("timeout", "PT10S", "PT0.1S", "PT1M");
            int attempts = hook.number("attempts", 20, 1, 1_000);
            Duration settle = hook.duration("settle", "PT5S", "PT0S", "PT1H");
            if (name.isPresent() && url.isPresent() && filters.isPresent() && !secrets.isEmpty()) {
                hooks.add(new HookSettings(name.get(), url.get(), secrets, filters.get(),
                        on, batch, timeout, attempts, settle));
            }
        }
        root.item(() -> {
            requireDistinct(hooks);
            return "";
        });
        return hooks;
    }

    private static void requireDistinct(List<HookSettings> hooks) {
        if (hooks.size() > MAX) {
            throw new ConfigException("hooks has " + hooks.size() + " items; at most " + MAX + " are allowed");
        }
        Set<String> names = new HashSet<>();
        for (HookSettings hook : hooks) {
            if (!names.add(hook.name())) {
                throw new ConfigException("hooks has '" + hook.name() + "' twice; each has a name of its own");
            }
        }
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    /** An address; where it has an {@code @}, which may follow a password, mistakes are told without what was given. */
    private static URI url(String text) {
        // Before it is read: what is no address may have a password too.
        if (AT_IN_AUTHORITY.matcher(text).lookingAt()) {
            throw new ConfigException("the url of a hook has a name or a password in it; calls are signed with secret instead");
        }
        URI url;
        try {
            url = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw noAddress(text);
        }
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        boolean hasPort = url.getPort() == -1 || (url.getPort() >= 1 && url.getPort() <= MAX_PORT);
        if ((!scheme.equals("https") && !scheme.equals("http")) || url.getHost() == null || !hasPort || url.getRawFragment() != null) {
            throw noAddress(text);
        }
        return url;
    }

    private static RuntimeException noAddress(String text) {
        return text.contains("@")
                ? new ConfigException("the url of a hook is no address such as https://shop.example.com/hark-hook; it is not shown, "
                        + "because its @ may follow a password")
                : new IllegalArgumentException("");
    }

    private static Set<On> on(Section hook, String place) {
        List<String> given = new ArrayList<>();
        List<On> on = hook.list("on", ANY_OF, text -> {
            given.add(text);
            return on(text);
        });
        hook.item(() -> {
            if (given.isEmpty() && hook.isGiven("on")) {
                throw new ConfigException(place + ".on has no items; without it, it is listened and left");
            }
            return "";
        });
        return on.isEmpty() ? Set.of(On.LISTENED, On.LEFT) : Set.copyOf(on);
    }

    private static On on(String text) {
        return Arrays.stream(On.values())
                .filter(each -> each.configName().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(""));
    }

    private static Filters filters(String place, List<TopicFilter> topics) {
        if (topics.isEmpty()) {
            throw new ConfigException(place + ".topics is missing; at least one topic filter such as orders/* is needed");
        }
        if (topics.size() > Filters.MAX) {
            throw new ConfigException(place + ".topics has " + topics.size() + " items; at most " + Filters.MAX + " are allowed");
        }
        return Filters.of(topics);
    }

    /** The one that holds, and the one before it where that is given; none where something is wrong. */
    private static List<HookSettings.Secret> secrets(Section hook, String place) {
        Optional<TlsSettings.Secret> newest = hook.secret("secret");
        Optional<TlsSettings.Secret> previous = hook.secret("previous-secret");
        List<HookSettings.Secret> secrets = new ArrayList<>();
        hook.item(() -> {
            if (newest.isEmpty()) {
                throw new ConfigException(place + ".secret is missing; whsec_ and 24 to 64 random bytes in base64 are needed");
            }
            return parsed(newest.get());
        }).ifPresent(secrets::add);
        if (previous.isPresent()) {
            hook.item(() -> parsed(previous.get())).ifPresent(secrets::add);
        }
        return secrets;
    }

    private static HookSettings.Secret parsed(TlsSettings.Secret secret) {
        String text = secret.text().strip();
        try {
            byte[] bytes = text.startsWith(SECRET_PREFIX)
                    ? Base64.getDecoder().decode(text.substring(SECRET_PREFIX.length()))
                    : new byte[0];
            if (bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES) {
                return new HookSettings.Secret(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Said below, without what was given.
        }
        throw new ConfigException(secret + " is no secret of Standard Webhooks; whsec_ and 24 to 64 random bytes in base64 are needed");
    }
}
