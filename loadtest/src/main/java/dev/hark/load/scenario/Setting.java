package dev.hark.load.scenario;

import dev.hark.load.measure.Nearest;
import java.util.Arrays;

/** What a scenario can say, by its name in YAML, with the value that holds where it is not said. */
public enum Setting {
    NAME("scenario", "scenario", "what the report is called"),
    URL("target.url", "http://127.0.0.1:8080",
            "the server, or a list of the nodes of a cluster: streams are divided among them, and one that ends comes back to the next"),
    PUBLISH_URL("target.publish-url", "", "where events are published, if that is elsewhere; may be a list, too"),
    PROFILE("target.profile", "hark", "hark or generic"),
    SUBSCRIBE_PATH("target.subscribe-path", "", "with {topic} in it; the profile's own where empty"),
    PUBLISH_PATH("target.publish-path", "", "with {topic} in it; the profile's own where empty"),
    SUBSCRIBE_METHOD("target.subscribe-method", "GET", "for generic"),
    SUBSCRIBE_BODY("target.subscribe-body", "", "for generic; with {topic} in it"),
    SUBSCRIBE_HEADERS("target.subscribe-headers", "",
            "for generic; a list of 'Name: value' for subscribing only, which replace others of these names"),
    PUBLISH_METHOD("target.publish-method", "POST", "for generic"),
    PUBLISH_BODY("target.publish-body", "{data}", "for generic; with {topic} and {data} in it"),
    PUBLISH_HEADERS("target.publish-headers", "",
            "for generic; a list of 'Name: value' for publishing only, which replace others of these names"),
    HEADERS("target.headers", "", "a list of 'Name: value'"),
    TOKEN("auth.token", "", "a token or a key that goes with every request"),
    TOKEN_FILE("auth.token-file", "", "the same, from a file"),
    TOKEN_SECRET("auth.token-secret", "", "a file with a secret (HS256), with which a token is made for each stream"),
    TOKEN_ISSUER("auth.token-issuer", "", "what these tokens say who made them (iss)"),
    TOKEN_AUDIENCE("auth.token-audience", "hark", "whom they are for (aud)"),
    TOKEN_SUBJECT("auth.token-subject", "load-", "what their subjects begin with; the stream's number follows"),
    TOKEN_AGE("auth.token-age", "24h", "how long they hold"),
    TICKETS("auth.tickets", "false", "whether each stream gets a ticket with its token, and opens and comes back with one"),
    PUBLISH_TOKEN("auth.publish-token", "", "a token or a key for publishing only"),
    PUBLISH_TOKEN_FILE("auth.publish-token-file", "", "the same, from a file"),
    STREAMS("streams.count", "1000", "how many streams"),
    STALLED("streams.stalled", "0", "how many of them stop reading after their start"),
    STALLED_BUFFER("streams.stalled-buffer", "4KB", "the receive buffer of stalled streams"),
    DROP_ALL("streams.drop-all", "false", "whether all streams are cut halfway through measuring, and resume at once"),
    LATE("streams.late", "0",
            "how many of them leave after their start, and come back with their last event id when 80 % of measuring is over"),
    SPREAD("streams.spread", "even", "over the topics: even, or zipf, where the k-th topic has 1/k of the first one's streams"),
    CONNECT_WINDOW("streams.connect-window", "256", "connections on their way at once"),
    CONNECT_TIMEOUT("streams.connect-timeout", "60s", "for all streams together"),
    LOOPS("streams.loops", "1", "reader threads"),
    STAGES("streams.stages", "",
            "while it is measured: from streams.count in a time to as many as said, and so on, such as 1m:1000,5m:10000;"
                    + " all stages together are what is measured"),
    RATE_STAGES("publish.stages", "", "the same for the rate, which may fall, too, such as 1m:5/s,5m:50/s"),
    RATE("publish.rate", "5/s", "events over all topics; 0/s for none"),
    PAYLOAD("publish.payload", "200B", "the size of each event's data"),
    TOPIC("publish.topic", "hark-load", "the topic, or what the names of several begin with"),
    TOPICS("publish.topics", "1", "how many topics"),
    CONNECTIONS("publish.connections", "4", "connections that publish"),
    PIPELINE("publish.pipeline", "16", "unanswered requests on each"),
    BATCH("publish.batch", "1", "events in each request, gathered on each connection; they are due when the last of them is"),
    RETRY("publish.retry", "false",
            "whether what broke, or met an error that may pass, is sent again at the next node, under the same Idempotency-Key;"
                    + " for a pipeline of 1"),
    SETTLE("phases.settle", "1s", "quiet time after the last stream's start"),
    WARMUP("phases.warmup", "10s", "checked, but not timed"),
    MEASURE("phases.measure", "60s", "timed"),
    DRAIN("phases.drain", "10s", "how long the last deliveries are waited for"),
    KILL_PID("failure.kill-pid", "", "halfway through measuring, this process on this machine is killed, and nothing else"),
    FAILURE_COMMAND("failure.command", "", "the same by a command for sh -c; what takes a node away on another machine"),
    CHURN_CYCLES("churn.cycles", "0",
            "where above 0, streams only come and leave, so many times; all but target and publish.topic is passed over"),
    CHURN_AT_ONCE("churn.at-once", "64", "streams open at the same time"),
    CHURN_TIMEOUT("churn.timeout", "120s", "for all cycles together"),
    CHURN_SETTLE("churn.settle", "5s", "how long the server may take to let go of the last streams"),
    EXPECT("expect", "", "a list of objectives");

    private final String key;
    private final String standard;
    private final String sentence;

    Setting(String key, String standard, String sentence) {
        this.key = key;
        this.standard = standard;
        this.sentence = sentence;
    }

    /** The name in YAML. */
    public String key() {
        return key;
    }

    /** The value where nothing is said. */
    public String standard() {
        return standard;
    }

    /** What it is. */
    public String sentence() {
        return sentence;
    }

    /** Whether it takes a list. */
    public boolean isList() {
        return this == HEADERS || this == SUBSCRIBE_HEADERS || this == PUBLISH_HEADERS || this == EXPECT;
    }

    /** Whether it may be a list of which the value is all, with commas between. */
    public boolean takesSeveral() {
        return this == URL || this == PUBLISH_URL;
    }

    /**
     * The setting of a name.
     *
     * @throws IllegalArgumentException if there is none, with the name that was probably meant
     */
    public static Setting of(String key) {
        for (Setting setting : values()) {
            if (setting.key.equals(key)) {
                return setting;
            }
        }
        throw new IllegalArgumentException(
                "unknown key '" + key + "'" + Nearest.question(Arrays.stream(values()).map(Setting::key).toList(), key));
    }
}
