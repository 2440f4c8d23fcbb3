package dev.hark.load.cli;

import dev.hark.load.drive.Outage;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What takes a node away halfway through measuring. */
final class OutageOptions {
    @Option(names = "--kill-pid", paramLabel = "PID",
            description = "halfway through measuring, this process on this machine is killed: a node that is lost, whose streams come back"
                    + " to the next --url. Nothing else is ended")
    @Nullable Long killPid;

    @Option(names = "--at-failure", paramLabel = "COMMAND",
            description = "the same by a command for 'sh -c', such as 'ssh node2 systemctl stop hark'")
    @Nullable String command;

    Outage outage() {
        return new Outage(killPid == null ? OptionalLong.empty() : OptionalLong.of(killPid), Optional.ofNullable(command));
    }
}
