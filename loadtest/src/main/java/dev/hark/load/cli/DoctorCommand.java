package dev.hark.load.cli;

import dev.hark.load.doctor.Examination;
import dev.hark.load.doctor.Finding.Grade;
import dev.hark.load.doctor.Finding;
import dev.hark.load.drive.Node;
import dev.hark.load.drive.Target;
import dev.hark.load.measure.Quantities;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load doctor}: what would stop a run of so many streams. */
@Command(
        name = "doctor",
        description = "Looks at descriptors, ports, queues, memory and the server: what would stop a run of N streams?",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  hark-load doctor -n 10000 --server-pid 4711"})
final class DoctorCommand implements Callable<Integer> {
    private static final int CONNECT_MILLIS = 3000;

    @Spec
    CommandSpec spec;

    @Mixin
    TargetOptions targetOptions = new TargetOptions();

    @Option(names = {"-n", "--subscribers"}, paramLabel = "N", defaultValue = "10000", description = "streams (default: ${DEFAULT-VALUE})")
    String subscribers = "";

    @Override
    public Integer call() {
        Target target;
        long streams;
        List<Long> pids;
        try {
            target = targetOptions.target();
            streams = (long) Quantities.count(subscribers);
            pids = targetOptions.watch.pids();
            targetOptions.watch.watch().requireEachOf(target.nodes().size());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        boolean loopback = target.nodes().stream()
                .allMatch(node -> node.address().getAddress() != null && node.address().getAddress().isLoopbackAddress());
        var findings = new ArrayList<>(new Examination(Path.of("/proc"), streams).examine(loopback, pids, target.nodes().size()));
        Stream.concat(target.nodes().stream(), target.publishNodes().stream()).distinct().forEach(node -> findings.add(reach(node)));
        print(findings);
        return code(findings);
    }

    static int code(List<Finding> findings) {
        if (findings.stream().anyMatch(finding -> finding.grade() == Grade.STOP)) {
            return ExitCode.INVALID;
        }
        return findings.stream().anyMatch(finding -> finding.grade() == Grade.UNREACHABLE) ? ExitCode.UNREACHABLE : ExitCode.HOLDS;
    }

    private static Finding reach(Node node) {
        try (var socket = new Socket()) {
            socket.connect(node.address(), CONNECT_MILLIS);
            return new Finding(Grade.FINE, "the server", node.authority() + " accepts connections");
        } catch (IOException e) {
            return new Finding(Grade.UNREACHABLE, "the server",
                    node.authority() + " does not answer (" + e.getMessage() + "): is it up, is the URL right?");
        }
    }

    private void print(List<Finding> findings) {
        PrintWriter out = spec.commandLine().getOut();
        for (Finding finding : findings) {
            String mark = switch (finding.grade()) {
                case FINE -> "ok";
                case NOTE -> "note";
                case STOP, UNREACHABLE -> "STOP";
            };
            out.printf("  %-5s %-46s %s%n", mark, finding.subject(), finding.sentence());
        }
    }
}
