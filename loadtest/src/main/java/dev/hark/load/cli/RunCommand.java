package dev.hark.load.cli;

import dev.hark.load.drive.ChurnPlan;
import dev.hark.load.measure.Slo;
import dev.hark.load.report.ExitCode;
import dev.hark.load.scenario.Scenario;
import dev.hark.load.scenario.ScenarioFile;
import dev.hark.load.scenario.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark-load run}: a scenario file. */
@Command(
        name = "run",
        description = "Runs a scenario that is written down in YAML; --set changes single settings of it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  hark-load run loadtest/scenarios/reconnect-storm.yaml --url http://hub:8080 -n 2000 --set phases.measure=1m"
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "the scenario")
    Path file = Path.of("");

    @Option(names = "--url", paramLabel = "URL", split = ",",
            description = "short for --set target.url=URL; nodes of a cluster with commas, or several times")
    List<String> urls = new ArrayList<>();

    @Option(names = "--kill-pid", paramLabel = "PID", description = "short for --set failure.kill-pid=PID")
    @Nullable String killPid;

    @Option(names = "--at-failure", paramLabel = "COMMAND", description = "short for --set failure.command=COMMAND")
    @Nullable String atFailure;

    @Option(names = {"-n", "--subscribers"}, paramLabel = "N", description = "short for --set streams.count=N")
    @Nullable String subscribers;

    @Option(names = "--rate", paramLabel = "RATE", description = "short for --set publish.rate=RATE")
    @Nullable String rate;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "such as target.url=http://127.0.0.1:8080; may be given several times")
    List<String> set = new ArrayList<>();

    @Mixin
    WatchOptions watchOptions = new WatchOptions();

    @Option(names = "--keys", help = true, description = "list all keys that a scenario may have, with what holds where they are not said")
    boolean keys;

    @Mixin
    OutputOptions outputOptions = new OutputOptions();

    @Mixin
    AgentOptions agentOptions = new AgentOptions();

    @Override
    public Integer call() throws IOException {
        if (keys) {
            for (Setting setting : Setting.values()) {
                String standard = setting.standard().isEmpty() ? "" : " (default: " + setting.standard() + ")";
                spec.commandLine().getOut().printf("  %-24s %s%s%n", setting.key(), setting.sentence(), standard);
            }
            return ExitCode.HOLDS;
        }
        Scenario scenario = scenario();
        List<Slo> more = Execution.reading(spec, scenario::objectives);
        Optional<ChurnPlan> churn = Execution.reading(spec, () -> scenario.churn(watchOptions.watch().pids()));
        if (churn.isPresent()) {
            Execution.reading(spec, watchOptions::pids);
            if (!outputOptions.report.expect.isEmpty() || outputOptions.report.out != null || !agentOptions.agents.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "a churn has no objectives, report and agents: --expect, --out and --agents say nothing");
            }
            return ChurnOutcome.of(churn.get(), spec.commandLine().getOut());
        }
        return Execution.prepare(spec, outputOptions, agentOptions, () -> scenario.plan(watchOptions.watch()))
                .expecting(more).run(scenario.name());
    }

    private static Scenario shortFor(Scenario scenario, Setting setting, @Nullable String value) {
        return value == null ? scenario : scenario.with(setting, value);
    }

    private Scenario scenario() throws IOException {
        try {
            Scenario scenario = ScenarioFile.read(file);
            for (String each : set) {
                int equals = each.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException("'" + each + "' is not of the form key=value");
                }
                scenario = scenario.with(Setting.of(each.substring(0, equals)), each.substring(equals + 1));
            }
            scenario = shortFor(scenario, Setting.URL, urls.isEmpty() ? null : String.join(",", urls));
            scenario = shortFor(scenario, Setting.KILL_PID, killPid);
            scenario = shortFor(scenario, Setting.FAILURE_COMMAND, atFailure);
            scenario = shortFor(scenario, Setting.STREAMS, subscribers);
            return shortFor(scenario, Setting.RATE, rate);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
