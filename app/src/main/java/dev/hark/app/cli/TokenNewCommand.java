package dev.hark.app.cli;

import dev.hark.app.access.AccessControl;
import dev.hark.app.access.Explanation;
import dev.hark.app.access.SigningKey;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.IssuerSettings;
import dev.hark.app.config.TimeSpan;
import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark token new}: a token as an issuer would make it, for who has its key. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Prints a token of an issuer that the configuration names, signed with its secret, or with the private key"
                + " that you give. For development and tests: in production the issuer makes tokens. Asks no hub.",
        footer = {
            "",
            "Examples: export HARK_TOKEN=$(hark token new --subject alice)",
            "          hark token new --issuer shop --signing-key shop.pem",
            "             --subscribe 'orders/**' --expires-in 15m",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 standard output cannot be written."
        })
final class TokenNewCommand implements Callable<Integer> {
    /** Longer than any token may hold. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** What other options, or nothing at all, say. */
    private static final Map<String, String> OWN = Map.of(
            "iss", "the configuration says it",
            "aud", "the configuration says it",
            "sub", "--subject says it",
            "exp", "--expires-in says it",
            "iat", "it is now",
            "jti", "it is a new one each time");

    @Mixin
    private final ConfigOptions options;

    @Option(names = "--issuer", paramLabel = "NAME", description = "Of auth.issuers, by its name; default: the only one.")
    private @Nullable String issuer;

    @Option(names = {"--signing-key", "--key-file"}, paramLabel = "FILE",
            description = {"The private key: PEM (PKCS#8) or a JWK, EC, RSA or Ed25519.",
                "Default, for HS algorithms: the secret in key-file."})
    private @Nullable Path signingKey;

    @Option(names = "--subject", paramLabel = "SUBJECT", description = "Who it is for (sub), such as alice.")
    private @Nullable String subject;

    @Option(names = "--publish", paramLabel = "FILTER", description = "Where it lets publish, beside what the issuer grants. Repeatable.")
    private List<String> publish = new ArrayList<>();

    @Option(names = "--subscribe", paramLabel = "FILTER",
            description = "What it lets subscribe to, beside what the issuer grants. Repeatable.")
    private List<String> subscribe = new ArrayList<>();

    @Option(names = "--expires-in", paramLabel = "TIME", defaultValue = "1h", description = "Such as 15m or PT15M; default: 1h.")
    private String expiresIn;

    @Option(names = "--claim", paramLabel = "NAME=VALUE", description = "Another claim, whose value is text. Repeatable.")
    private Map<String, String> claims = new LinkedHashMap<>();

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    TokenNewCommand(Shell shell) {
        this.shell = shell;
        this.options = new ConfigOptions(shell);
    }

    @Override
    public Integer call() {
        AuthSettings auth = options.source().load().auth();
        IssuerSettings maker = maker(auth);
        Instant now = InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS);
        Instant until = now.plus(age());
        String id = UUID.randomUUID().toString();
        var content = new LinkedHashMap<String, Object>();
        claims.forEach((name, value) -> content.put(free(name, maker), value));
        content.putAll(Map.of("iss", maker.issuer(), "aud", maker.audience(), "iat", Date.from(now), "exp", Date.from(until), "jti", id));
        if (subject != null) {
            content.put("sub", subject);
        }
        var rights = new LinkedHashMap<String, Object>();
        putUnlessEmpty(rights, "publish", filters("--publish", publish));
        putUnlessEmpty(rights, "subscribe", filters("--subscribe", subscribe));
        if (!rights.isEmpty()) {
            content.put(maker.claim(), rights);
        }
        String token = SigningKey.read(key(maker), maker).sign(content);
        if (maker.keys().file().isPresent()) {
            requireThatItHolds(token, auth);
        }
        shell.out().println(token);
        shell.note("token of " + maker.name() + " for '" + (subject == null ? "" : subject) + "', " + id + ", until " + until
                + "; 'hark token explain' says what it lets do");
        return ExitCode.OK;
    }

    private IssuerSettings maker(AuthSettings auth) {
        List<IssuerSettings> all = auth.issuers();
        List<String> names = all.stream().map(IssuerSettings::name).toList();
        if (all.isEmpty()) {
            throw mistake("the configuration, " + options.sourceInWords() + ", names no auth.issuers, of whom a token could be");
        }
        if (issuer == null && all.size() > 1) {
            throw mistake("--issuer is missing; one of " + names + " is allowed");
        }
        return all.stream().filter(each -> issuer == null || each.name().equals(issuer) || each.issuer().equals(issuer)).findFirst()
                .orElseThrow(() -> mistake("--issuer is '" + issuer + "'; one of " + names + " is allowed"));
    }

    private Path key(IssuerSettings maker) {
        if (signingKey != null) {
            return shell.directory().resolve(signingKey);
        }
        if (!maker.hasSecret()) {
            throw mistake("--signing-key is missing: " + maker.name() + " signs with " + maker.algorithms()
                    + ", and the configuration has its public key alone");
        }
        return maker.keys().file().orElseThrow();
    }

    private Duration age() {
        return TimeSpan.parse(expiresIn).filter(Duration::isPositive).filter(age -> age.compareTo(LONGEST) <= 0)
                .orElseThrow(() -> mistake("--expires-in is '" + expiresIn + "'; a time such as 15m or PT15M is allowed"));
    }

    private String free(String name, IssuerSettings maker) {
        String by = name.equals(maker.claim()) ? "--publish and --subscribe say it" : OWN.get(name);
        if (by != null) {
            throw mistake("--claim is '" + name + "', which is not free: " + by);
        }
        if (name.equals("nbf")) {
            throw mistake("--claim is 'nbf', which is a time and not text; it would hold from now on");
        }
        return name;
    }

    private List<String> filters(String option, List<String> texts) {
        try {
            return texts.stream().map(text -> new TopicFilter(text).value()).toList();
        } catch (InvalidEventException e) {
            throw mistake(option + ": " + e.getMessage());
        }
    }

    private static void putUnlessEmpty(Map<String, Object> rights, String name, List<String> filters) {
        if (!filters.isEmpty()) {
            rights.put(name, filters);
        }
    }

    /** A key may be another one than the hub knows, and a token may be meant to live for longer than the hub lets any. */
    private void requireThatItHolds(String token, AuthSettings auth) {
        try (var access = new AccessControl(auth, InstantSource.system())) {
            Explanation made = access.explain(token);
            if (made.grant().isEmpty()) {
                throw mistake("a hub with this configuration would refuse it: " + made.refusal());
            }
        }
    }

    private ParameterException mistake(String words) {
        return new ParameterException(spec.commandLine(), words);
    }
}
