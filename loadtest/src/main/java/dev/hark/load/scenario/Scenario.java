package dev.hark.load.scenario;

import dev.hark.load.drive.ChurnPlan;
import dev.hark.load.drive.CredentialSettings;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutRun;
import dev.hark.load.drive.Outage;
import dev.hark.load.drive.PublishPlan;
import dev.hark.load.drive.RequestSettings;
import dev.hark.load.drive.Stages;
import dev.hark.load.drive.StreamPlan;
import dev.hark.load.drive.Target;
import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Verdict;
import dev.hark.load.report.Environment;
import dev.hark.load.report.RunReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A load, written down. In Java:
 *
 * <pre>{@code
 * RunReport storm = Scenario.named("storm").url("http://127.0.0.1:8080").streams(9_000).dropAll()
 *         .rate("20/s").warmup("5s").measure("20s").expect("reconnectAll<2s").run();
 * System.out.println(storm);
 * }</pre>
 *
 * <p>and the same in YAML, by {@link ScenarioFile}. Immutable: every verb returns another scenario.
 */
public final class Scenario {
    private final Map<Setting, List<String>> values;

    private Scenario(Map<Setting, List<String>> values) {
        this.values = values;
    }

    public static Scenario named(String name) {
        return new Scenario(Map.of()).with(Setting.NAME, name);
    }

    /** The same scenario with one setting said, or added to its list. */
    public Scenario with(Setting setting, String value) {
        var changed = new EnumMap<Setting, List<String>>(Setting.class);
        changed.putAll(values);
        var list = new ArrayList<>(setting.isList() ? changed.getOrDefault(setting, List.of()) : List.of());
        list.add(value);
        changed.put(setting, List.copyOf(list));
        return new Scenario(changed);
    }

    public Scenario url(String url) {
        return with(Setting.URL, url);
    }

    /** The nodes of a cluster: streams and publishes are divided among them, and a stream that ends comes back to the next. */
    public Scenario urls(String... urls) {
        return with(Setting.URL, String.join(",", urls));
    }

    /** Where events are published, if that is elsewhere. */
    public Scenario publishUrls(String... urls) {
        return with(Setting.PUBLISH_URL, String.join(",", urls));
    }

    /** Another SSE server than Hark; both paths have {@code {topic}} in them. */
    public Scenario generic(String subscribePath, String publishPath) {
        return with(Setting.PROFILE, "generic").with(Setting.SUBSCRIBE_PATH, subscribePath).with(Setting.PUBLISH_PATH, publishPath);
    }

    /** A header line for every request. */
    public Scenario header(String header) {
        return with(Setting.HEADERS, header);
    }

    /** For a generic server: what subscribing is instead of {@code GET}. */
    public Scenario subscribeMethod(String method) {
        return with(Setting.SUBSCRIBE_METHOD, method);
    }

    /** For a generic server: a body with {@code {topic}} in it. */
    public Scenario subscribeBody(String template) {
        return with(Setting.SUBSCRIBE_BODY, template);
    }

    /** For a generic server: a header line for subscribing only. */
    public Scenario subscribeHeader(String header) {
        return with(Setting.SUBSCRIBE_HEADERS, header);
    }

    /** For a generic server: what publishing is instead of {@code POST}. */
    public Scenario publishMethod(String method) {
        return with(Setting.PUBLISH_METHOD, method);
    }

    /** For a generic server: a body with {@code {topic}} and {@code {data}} in it. */
    public Scenario publishBody(String template) {
        return with(Setting.PUBLISH_BODY, template);
    }

    /** For a generic server: a header line for publishing only. */
    public Scenario publishHeader(String header) {
        return with(Setting.PUBLISH_HEADERS, header);
    }

    /** A token or a key that goes with every request. */
    public Scenario token(String token) {
        return with(Setting.TOKEN, token);
    }

    /** Each stream has a token of its own, made as the issuer would, with the secret (HS256) in a file. */
    public Scenario tokensOf(String issuer, Path secretFile) {
        return with(Setting.TOKEN_ISSUER, issuer).with(Setting.TOKEN_SECRET, secretFile.toString());
    }

    /** Each stream gets a ticket with its token, and opens and comes back with one. */
    public Scenario tickets() {
        return with(Setting.TICKETS, "true");
    }

    /** A token or a key for publishing only. */
    public Scenario publishToken(String token) {
        return with(Setting.PUBLISH_TOKEN, token);
    }

    public Scenario streams(int count) {
        return with(Setting.STREAMS, Integer.toString(count));
    }

    public Scenario stalled(int count) {
        return with(Setting.STALLED, Integer.toString(count));
    }

    /** So many of the streams leave after their start and come back when most of measuring is over. */
    public Scenario late(int count) {
        return with(Setting.LATE, Integer.toString(count));
    }

    public Scenario dropAll() {
        return with(Setting.DROP_ALL, "true");
    }

    /** Publishes that broke are sent again at the next node, under the same idempotency key; one at a time on each connection. */
    public Scenario retry() {
        return with(Setting.RETRY, "true").with(Setting.PIPELINE, "1");
    }

    /** Halfway through measuring, a process on this machine is killed: a node that is lost. */
    public Scenario killing(long pid) {
        return with(Setting.KILL_PID, Long.toString(pid));
    }

    /** Halfway through measuring, a command is run that takes a node away. */
    public Scenario atFailure(String command) {
        return with(Setting.FAILURE_COMMAND, command);
    }

    /** As on the command line: {@code 5/s}. */
    public Scenario rate(String rate) {
        return with(Setting.RATE, rate);
    }

    /** As on the command line: {@code 1m:1000,5m:10000}. */
    public Scenario stages(String stages) {
        return with(Setting.STAGES, stages);
    }

    /** As on the command line: {@code 1m:5/s,5m:50/s}. */
    public Scenario rateStages(String stages) {
        return with(Setting.RATE_STAGES, stages);
    }

    /** As on the command line: {@code 200B}. */
    public Scenario payload(String size) {
        return with(Setting.PAYLOAD, size);
    }

    /** The k-th topic has about 1/k of the first one's streams. */
    public Scenario zipf() {
        return with(Setting.SPREAD, "zipf");
    }

    /** So many events are published in each request. */
    public Scenario batch(int events) {
        return with(Setting.BATCH, Integer.toString(events));
    }

    public Scenario topics(int count) {
        return with(Setting.TOPICS, Integer.toString(count));
    }

    /** As on the command line: {@code 10s}. */
    public Scenario warmup(String time) {
        return with(Setting.WARMUP, time);
    }

    /** As on the command line: {@code 60s}. */
    public Scenario measure(String time) {
        return with(Setting.MEASURE, time);
    }

    /** Adds an objective: {@code delivery.p99<250ms}. */
    public Scenario expect(String objective) {
        return with(Setting.EXPECT, objective);
    }

    public String name() {
        return value(Setting.NAME);
    }

    /**
     * What is expected.
     *
     * @throws IllegalArgumentException if an objective cannot be read
     */
    public List<Slo> objectives() {
        return values.getOrDefault(Setting.EXPECT, List.of()).stream().map(Slo::parse).toList();
    }

    /**
     * What is run.
     *
     * @throws IllegalArgumentException if a value cannot be read, or is out of its bounds; the message names the key
     */
    public FanoutPlan plan(ServerWatch server) {
        var stages = new Stages(
                whole(Setting.STREAMS), read(Setting.STAGES, Stages::ofStreams), read(Setting.RATE_STAGES, Stages::ofRates));
        return new FanoutPlan(
                target(),
                new StreamPlan(
                        stages.mostStreams(),
                        whole(Setting.STALLED),
                        read(Setting.STALLED_BUFFER, Quantities::bytes),
                        whole(Setting.CONNECT_WINDOW),
                        read(Setting.CONNECT_TIMEOUT, Quantities::duration),
                        whole(Setting.LOOPS),
                        whole(Setting.LATE),
                        read(Setting.DROP_ALL, Scenario::yesOrNo),
                        read(Setting.SPREAD, Scenario::spread)),
                new PublishPlan(
                        read(Setting.RATE, Quantities::perSecond),
                        read(Setting.PAYLOAD, Quantities::bytes),
                        whole(Setting.CONNECTIONS),
                        whole(Setting.PIPELINE),
                        whole(Setting.BATCH),
                        read(Setting.RETRY, Scenario::yesOrNo)),
                value(Setting.TOPIC),
                whole(Setting.TOPICS),
                new FanoutPlan.Phases(
                        read(Setting.SETTLE, Quantities::duration),
                        read(Setting.WARMUP, Quantities::duration),
                        stages.isEmpty() ? read(Setting.MEASURE, Quantities::duration) : stages.time(),
                        read(Setting.DRAIN, Quantities::duration)),
                server,
                stages,
                new Outage(
                        value(Setting.KILL_PID).isEmpty() ? OptionalLong.empty() : OptionalLong.of(whole(Setting.KILL_PID)),
                        Optional.of(value(Setting.FAILURE_COMMAND)).filter(command -> !command.isEmpty())));
    }

    /**
     * Runs it to its end, in this process; one that is a churn is not run here.
     *
     * @throws IOException if no socket can be opened at all
     * @throws IllegalArgumentException if a value cannot be read, or is out of its bounds; the message names the key
     */
    public RunReport run() throws IOException {
        return run(ServerWatch.NONE);
    }

    /** The same, with the server's cost seen on the way. */
    public RunReport run(ServerWatch server) throws IOException {
        FanoutPlan plan = plan(server);
        List<Slo> objectives = objectives();
        FanoutResult result = new FanoutRun(plan).run();
        Verdict verdict = Verdict.of(result.measurements(), objectives, true, result.doubts());
        return new RunReport(name(), plan, result, verdict, Environment.here(List.of("run", name()), server));
    }

    /**
     * What is run instead, where the scenario says {@code churn.cycles}: streams that come and leave.
     *
     * @throws IllegalArgumentException if a value cannot be read, or is out of its bounds; the message names the key
     */
    public Optional<ChurnPlan> churn(List<Long> serverPids) {
        int cycles = whole(Setting.CHURN_CYCLES);
        if (cycles == 0) {
            return Optional.empty();
        }
        if (!objectives().isEmpty()) {
            throw new IllegalArgumentException("expect: a churn has no objectives; every cycle has to be completed, and nothing be kept");
        }
        return Optional.of(new ChurnPlan(
                target(),
                value(Setting.TOPIC),
                cycles,
                whole(Setting.CHURN_AT_ONCE),
                read(Setting.CHURN_TIMEOUT, Quantities::duration),
                read(Setting.CHURN_SETTLE, Quantities::duration),
                serverPids));
    }

    private Target target() {
        Target.Profile profile = read(Setting.PROFILE, text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "hark" -> Target.Profile.HARK;
            case "generic" -> Target.Profile.GENERIC;
            default -> throw new IllegalArgumentException("'" + text + "' is neither hark nor generic");
        });
        return Target.of(
                profile,
                several(Setting.URL),
                several(Setting.PUBLISH_URL),
                new RequestSettings(
                        said(Setting.SUBSCRIBE_METHOD), path(Setting.SUBSCRIBE_PATH),
                        list(Setting.SUBSCRIBE_HEADERS), said(Setting.SUBSCRIBE_BODY)),
                new RequestSettings(said(Setting.PUBLISH_METHOD), path(Setting.PUBLISH_PATH),
                        list(Setting.PUBLISH_HEADERS), said(Setting.PUBLISH_BODY)),
                list(Setting.HEADERS)).with(credentials().read());
    }

    private CredentialSettings credentials() {
        return new CredentialSettings(
                new CredentialSettings.Given("--token", said(Setting.TOKEN), said(Setting.TOKEN_FILE)),
                new CredentialSettings.Signing(said(Setting.TOKEN_SECRET), said(Setting.TOKEN_ISSUER), value(Setting.TOKEN_AUDIENCE),
                        value(Setting.TOKEN_SUBJECT), read(Setting.TOKEN_AGE, Quantities::duration)),
                read(Setting.TICKETS, Scenario::yesOrNo),
                new CredentialSettings.Given("--publish-token", said(Setting.PUBLISH_TOKEN), said(Setting.PUBLISH_TOKEN_FILE)));
    }

    /** An empty path is the profile's, as if it was not said. */
    private @Nullable String path(Setting setting) {
        String path = value(setting);
        return path.isEmpty() ? null : path;
    }

    private @Nullable String said(Setting setting) {
        return values.containsKey(setting) ? value(setting) : null;
    }

    private List<String> several(Setting setting) {
        return value(setting).isEmpty() ? List.of() : List.of(value(setting).split(","));
    }

    private List<String> list(Setting setting) {
        return values.getOrDefault(setting, List.of());
    }

    private String value(Setting setting) {
        List<String> said = values.get(setting);
        return said == null || said.isEmpty() ? setting.standard() : said.getFirst();
    }

    private int whole(Setting setting) {
        return read(setting, Quantities::whole);
    }

    private static Spread spread(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "even" -> Spread.EVEN;
            case "zipf" -> Spread.ZIPF;
            default -> throw new IllegalArgumentException("'" + text + "' is neither even nor zipf");
        };
    }

    private static boolean yesOrNo(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes" -> true;
            case "false", "no" -> false;
            default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        };
    }

    private <T> T read(Setting setting, Function<String, T> reader) {
        try {
            return reader.apply(value(setting));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting.key() + ": " + e.getMessage(), e);
        }
    }
}
