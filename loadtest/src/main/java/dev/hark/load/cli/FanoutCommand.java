package dev.hark.load.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    @Mixin
    LoadOptions loadOptions = new LoadOptions();

    @Mixin
    OutageOptions outageOptions = new OutageOptions();

    @Mixin
    OutputOptions outputOptions = new OutputOptions();

    @Mixin
    AgentOptions agentOptions = new AgentOptions();

    @Override
    public Integer call() throws IOException {
        var execution = Execution.prepare(
                spec, outputOptions, agentOptions,
                () -> loadOptions.plan(targetOptions.target(), targetOptions.watch.watch()).with(outageOptions.outage()));
        return execution.run("fanout");
    }
}
