package dev.hark.app.config;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Database;
import dev.hark.app.config.SourceSettings.Input;
import dev.hark.app.config.SourceSettings.Jdbc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Every key of the section {@code sources}, as {@link Schema} has those of all others. Stateless. */
final class SourceSchema {
    /** Each keeps a class of topics of its own. */
    private static final int MAX = 16;

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
    private static final Pattern TABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}(?:\\.[A-Za-z_][A-Za-z0-9_]{0,62})?");

    /** Each driver has names of its own for its passwords. */
    private static final Pattern PASSWORD = Pattern.compile(
            "[?&;]\\s*(?:[a-z]*password\\d?|pwd)\\s*=|//[^?;]*@|//[^=@]*:[^=@]*@", Pattern.CASE_INSENSITIVE);

    private static final Pattern SCHEME = Pattern.compile("^jdbc:[a-z0-9]*:", Pattern.CASE_INSENSITIVE);

    /** Behind the scheme of any database, of which nothing else is known. */
    private static final Pattern PERHAPS_PASSWORD = Pattern.compile(":.+@", Pattern.DOTALL);

    private SourceSchema() {}

    static List<SourceSettings> read(Section root) {
        List<SourceSettings> sources = new ArrayList<>();
        for (Section source : root.sections("sources", 0)) {
            Optional<String> name = source.item(() -> source.parsed(
                    "name", null, "a name such as orders, of 1 to 64 small letters, digits, _ and -,", SourceSchema::name));
            boolean enabled = source.flag("enabled", true);
            int batch = source.number("batch", 500, 1, 10_000);
            boolean isRabbit = source.isGiven("rabbitmq");
            if (isRabbit) {
                source.item(() -> {
                    requireOneKind(source);
                    return "";
                });
            }
            Optional<? extends Input> input = isRabbit ? RabbitSchema.read(source.section("rabbitmq")) : jdbc(source.section("jdbc"));
            if (name.isPresent() && input.isPresent()) {
                sources.add(new SourceSettings(name.get(), enabled, batch, input.get()));
            }
        }
        root.item(() -> {
            requireDistinct(sources);
            return "";
        });
        return sources;
    }

    private static Optional<Jdbc> jdbc(Section jdbc) {
        Optional<String> url = jdbc.item(
                () -> jdbc.parsed("url", null, "an address such as jdbc:postgresql://db/shop", SourceSchema::url));
        Optional<String> user = jdbc.item(() -> jdbc.optional("user", "a name", text -> text));
        Optional<TlsSettings.Secret> password = jdbc.secret("password");
        String table = jdbc.parsed("table", "hark_outbox", "the name of a table, or schema.table,", SourceSchema::table);
        Duration poll = jdbc.duration("poll", "PT0.2S", "PT0.01S", "PT1M");
        After after = jdbc.choice("after", "keep", After.values(), After::configName);
        return url.map(address -> new Jdbc(address, user, password, table, poll, after));
    }

    private static void requireOneKind(Section source) {
        if (source.isGiven("jdbc")) {
            jdbc(source.section("jdbc"));
            throw new ConfigException("a source has both jdbc and rabbitmq; each source reads from one");
        }
    }

    private static void requireDistinct(List<SourceSettings> sources) {
        if (sources.size() > MAX) {
            throw new ConfigException("sources has " + sources.size() + " items; at most " + MAX + " are allowed");
        }
        Set<String> names = new HashSet<>();
        for (SourceSettings source : sources) {
            if (!names.add(source.name())) {
                throw new ConfigException("sources has '" + source.name() + "' twice; each has a name of its own");
            }
        }
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    private static String url(String text) {
        if (PASSWORD.matcher(text).find()) {
            // Not with what was given, as other mistakes are.
            throw new ConfigException("the jdbc.url of a source has a password in it, which belongs in jdbc.password");
        }
        try {
            Database.of(text);
        } catch (IllegalArgumentException e) {
            if (PERHAPS_PASSWORD.matcher(SCHEME.matcher(text.strip()).replaceFirst("")).find()) {
                throw (ConfigException) new ConfigException("the jdbc.url of a source is not " + e.getMessage()
                        + "; and a password, if it has one, belongs in jdbc.password").initCause(e);
            }
            throw e;
        }
        return text;
    }

    private static String table(String text) {
        if (!TABLE.matcher(text).matches()) {
            throw new IllegalArgumentException("letters, digits and _");
        }
        return text;
    }
}
