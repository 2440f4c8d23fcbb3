package dev.hark.load.cli;

import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutRun;
import dev.hark.load.drive.PublishPlan;
import dev.hark.load.drive.StreamPlan;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Verdict;
import dev.hark.load.report.JsonReport;
import dev.hark.load.report.TextReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load fanout}: many streams, events at a steady rate, every delivery checked. */
@Command(
        name = "fanout",
        description = "Opens N streams, publishes at a steady rate, times and checks every delivery.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  hark-load fanout -n 10000 --rate 5/s --payload 200B --warmup 10s --measure 60s \\",
            "      --expect 'delivery.p99<250ms' --expect 'silentLoss==0' --out runs/today"
        })
final class FanoutCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TargetOptions targetOptions = new TargetOptions();

    @Option(names = {"-n", "--subscribers"}, paramLabel = "N", defaultValue = "1000", description = "streams (default: ${DEFAULT-VALUE})")
    String subscribers = "";

    @Option(names = "--rate", paramLabel = "RATE", defaultValue = "5/s", description = "events over all topics, on an open schedule (default: ${DEFAULT-VALUE})")
    String rate = "";

    @Option(names = "--payload", paramLabel = "SIZE", defaultValue = "200B", description = "size of each event's data, from 64B (default: ${DEFAULT-VALUE})")
    String payload = "";

    @Option(names = "--topic", paramLabel = "TOPIC", defaultValue = "hark-load", description = "(default: ${DEFAULT-VALUE})")
    String topic = "";

    @Option(names = "--topics", paramLabel = "M", defaultValue = "1",
            description = "M topics TOPIC/0 and so on: stream s reads topic s mod M, event k goes to topic k mod M; as many as streams is one each (default: ${DEFAULT-VALUE})")
    int topics;

    @Option(names = "--warmup", paramLabel = "TIME", defaultValue = "10s", description = "checked, but not timed (default: ${DEFAULT-VALUE})")
    Duration warmup = Duration.ZERO;

    @Option(names = "--measure", paramLabel = "TIME", defaultValue = "60s", description = "(default: ${DEFAULT-VALUE})")
    Duration measure = Duration.ZERO;

    @Option(names = "--settle", paramLabel = "TIME", defaultValue = "1s", description = "quiet time after the last stream's start (default: ${DEFAULT-VALUE})")
    Duration settle = Duration.ZERO;

    @Option(names = "--drain", paramLabel = "TIME", defaultValue = "10s",
            description = "how long the last deliveries are waited for; a lost one counts as this (default: ${DEFAULT-VALUE})")
    Duration drain = Duration.ZERO;

    @Option(names = "--expect", paramLabel = "OBJECTIVE", description = "such as 'delivery.p99<250ms' or 'silentLoss==0'; may be given several times")
    List<String> expect = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", description = "writes report.json and summary.md there")
    @Nullable Path out;

    @Option(names = "--stalled", paramLabel = "N", defaultValue = "0", description = "so many of the streams stop reading after their start (default: ${DEFAULT-VALUE})")
    int stalled;

    @Option(names = "--stalled-buffer", paramLabel = "SIZE", defaultValue = "4KB", description = "the receive buffer of stalled streams (default: ${DEFAULT-VALUE})")
    String stalledBuffer = "";

    @Option(names = "--connections", paramLabel = "K", defaultValue = "4", description = "connections that publish (default: ${DEFAULT-VALUE})")
    int connections;

    @Option(names = "--pipeline", paramLabel = "D", defaultValue = "16", description = "unanswered requests on each (default: ${DEFAULT-VALUE})")
    int pipeline;

    @Option(names = "--loops", paramLabel = "L", defaultValue = "1", description = "reader threads (default: ${DEFAULT-VALUE})")
    int loops;

    @Option(names = "--connect-window", paramLabel = "N", defaultValue = "256", description = "connections on their way at once (default: ${DEFAULT-VALUE})")
    int connectWindow;

    @Option(names = "--connect-timeout", paramLabel = "TIME", defaultValue = "60s", description = "for all streams together (default: ${DEFAULT-VALUE})")
    Duration connectTimeout = Duration.ZERO;

    @Option(names = "--correctness-only", description = "the generator's own limits do not count: for saturating runs and for gates without timing")
    boolean correctnessOnly;

    @Override
    public Integer call() throws IOException {
        FanoutPlan plan;
        List<Slo> objectives;
        try {
            plan = plan();
            objectives = expect.stream().map(Slo::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        var run = new FanoutRun(plan);
        try (var interrupt = new Interrupt(run::interrupt)) {
            FanoutResult result = watched(run);
            Verdict verdict = Verdict.of(result.measurements(), objectives, !correctnessOnly);
            int code = Codes.of(result, verdict);
            report(plan, result, verdict, code);
            interrupt.onReported();
            return code;
        }
    }

    private FanoutResult watched(FanoutRun run) {
        var console = new Console(run, spec.commandLine().getErr());
        try {
            return run.run();
        } finally {
            console.close();
        }
    }

    private void report(FanoutPlan plan, FanoutResult result, Verdict verdict, int code) throws IOException {
        PrintWriter writer = spec.commandLine().getOut();
        writer.print(TextReport.of(plan, result, verdict));
        writer.flush();
        if (out != null) {
            JsonReport.write(out, plan, result, verdict, code);
            writer.println("report in " + out);
        }
    }

    private FanoutPlan plan() {
        return new FanoutPlan(
                targetOptions.target(),
                new StreamPlan((int) Quantities.count(subscribers), stalled, Quantities.bytes(stalledBuffer), connectWindow, connectTimeout, loops),
                new PublishPlan(Quantities.perSecond(rate), Quantities.bytes(payload), connections, pipeline),
                topic,
                topics,
                new FanoutPlan.Phases(settle, warmup, measure, drain),
                targetOptions.pid());
    }

}
