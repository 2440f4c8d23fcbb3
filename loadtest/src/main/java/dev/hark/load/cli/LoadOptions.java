package dev.hark.load.cli;

import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.Outage;
import dev.hark.load.drive.PublishPlan;
import dev.hark.load.drive.Stages;
import dev.hark.load.drive.StreamPlan;
import dev.hark.load.drive.Target;
import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.ServerWatch;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How many streams, how many events, for how long. */
final class LoadOptions {
    @Option(names = {"-n", "--subscribers"}, paramLabel = "N", defaultValue = "1000", description = "streams (default: ${DEFAULT-VALUE})")
    String subscribers = "";

    @Option(names = "--rate", paramLabel = "RATE", defaultValue = "5/s",
            description = "events over all topics, on an open schedule (default: ${DEFAULT-VALUE})")
    String rate = "";

    @Option(names = "--stages", paramLabel = "TIME:N,...",
            description = "while it is measured: from -n streams in TIME to N of them, and so on; at once where TIME is 0s; such as"
                    + " 1m:1000,5m:10000. All stages together are what is measured")
    String stages = "";

    @Option(names = "--rate-stages", paramLabel = "TIME:RATE,...",
            description = "the same for the rate, which may fall, too: from --rate in TIME to RATE, such as 1m:5/s,5m:50/s")
    String rateStages = "";

    @Option(names = "--payload", paramLabel = "SIZE", defaultValue = "200B",
            description = "size of each event's data, from 64B (default: ${DEFAULT-VALUE})")
    String payload = "";

    @Option(names = "--topic", paramLabel = "TOPIC", defaultValue = "hark-load", description = "(default: ${DEFAULT-VALUE})")
    String topic = "";

    @Option(names = "--topics", paramLabel = "M", defaultValue = "1",
            description = "M topics TOPIC/0 and so on: streams are spread over them, event k goes to topic k mod M;"
                    + " as many as streams is one each (default: ${DEFAULT-VALUE})")
    int topics;

    @Option(names = "--spread", paramLabel = "HOW", defaultValue = "even",
            description = "of streams over topics: even, or zipf, where the k-th topic has about 1/k of the first one's streams"
                    + " (default: ${DEFAULT-VALUE})")
    Spread spread = Spread.EVEN;

    @Option(names = "--warmup", paramLabel = "TIME", defaultValue = "10s",
            description = "checked, but not timed (default: ${DEFAULT-VALUE})")
    Duration warmup = Duration.ZERO;

    @Option(names = "--measure", paramLabel = "TIME", defaultValue = "60s", description = "(default: ${DEFAULT-VALUE})")
    Duration measure = Duration.ZERO;

    @Option(names = "--settle", paramLabel = "TIME", defaultValue = "1s",
            description = "quiet time after the last stream's start (default: ${DEFAULT-VALUE})")
    Duration settle = Duration.ZERO;

    @Option(names = "--drain", paramLabel = "TIME", defaultValue = "10s",
            description = "how long the last deliveries are waited for; a lost one counts as this (default: ${DEFAULT-VALUE})")
    Duration drain = Duration.ZERO;

    @Option(names = "--stalled", paramLabel = "N", defaultValue = "0",
            description = "so many of the streams stop reading after their start (default: ${DEFAULT-VALUE})")
    int stalled;

    @Option(names = "--stalled-buffer", paramLabel = "SIZE", defaultValue = "4KB",
            description = "the receive buffer of stalled streams (default: ${DEFAULT-VALUE})")
    String stalledBuffer = "";

    @Option(names = "--late", paramLabel = "N", defaultValue = "0",
            description = "so many of the streams leave after their start, and come back with their last event id when 80 %% of"
                    + " measuring is over (default: ${DEFAULT-VALUE})")
    int late;

    @Option(names = "--connections", paramLabel = "K", defaultValue = "4",
            description = "connections that publish (default: ${DEFAULT-VALUE})")
    int connections;

    @Option(names = "--pipeline", paramLabel = "D", defaultValue = "16",
            description = "unanswered requests on each (default: ${DEFAULT-VALUE})")
    int pipeline;

    @Option(names = "--batch", paramLabel = "B", defaultValue = "1",
            description = "events in each request, gathered on each connection; they are due when the last of them is"
                    + " (default: ${DEFAULT-VALUE})")
    int batch;

    @Option(names = "--retry",
            description = "a publish that broke, or met an error that may pass, is sent again under the same Idempotency-Key, at the next"
                    + " node; for --pipeline 1")
    boolean retry;

    @Option(names = "--drop-all", description = "halfway through measuring, all streams are cut and resume at once: a reconnect storm")
    boolean dropAll;

    @Option(names = "--loops", paramLabel = "L", defaultValue = "1", description = "reader threads (default: ${DEFAULT-VALUE})")
    int loops;

    @Option(names = "--connect-window", paramLabel = "N", defaultValue = "256",
            description = "connections on their way at once (default: ${DEFAULT-VALUE})")
    int connectWindow;

    @Option(names = "--connect-timeout", paramLabel = "TIME", defaultValue = "60s",
            description = "for all streams together, and for each that comes back (default: ${DEFAULT-VALUE})")
    Duration connectTimeout = Duration.ZERO;

    FanoutPlan plan(Target target, ServerWatch server) {
        int start = Quantities.whole(subscribers);
        var changes = new Stages(start, Stages.ofStreams(stages), Stages.ofRates(rateStages));
        return new FanoutPlan(
                target,
                new StreamPlan(
                        changes.mostStreams(), stalled, Quantities.bytes(stalledBuffer), connectWindow, connectTimeout, loops,
                        late, dropAll, spread),
                new PublishPlan(Quantities.perSecond(rate), Quantities.bytes(payload), connections, pipeline, batch, retry),
                topic,
                topics,
                new FanoutPlan.Phases(settle, warmup, changes.isEmpty() ? measure : changes.time(), drain),
                server,
                changes,
                Outage.NONE);
    }
}
