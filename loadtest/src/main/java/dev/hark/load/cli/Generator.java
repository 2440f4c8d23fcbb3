package dev.hark.load.cli;

import dev.hark.load.agent.AgentsRun;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutRun;
import dev.hark.load.measure.Second;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/** Who makes a run: this process, or agents. {@link #interrupt} is safe from any thread. */
interface Generator extends AutoCloseable {
    /**
     * Prepares a run.
     *
     * @throws dev.hark.load.agent.AgentException if an agent is not there, or does not let us in
     */
    static Generator of(FanoutPlan plan, AgentOptions agents) throws IOException {
        List<InetSocketAddress> addresses = agents.addresses();
        if (addresses.isEmpty()) {
            var run = new FanoutRun(plan);
            return new Generator() {
                @Override
                public FanoutResult run(Consumer<Second> observer) {
                    return run.run(observer);
                }

                @Override
                public void interrupt() {
                    run.interrupt();
                }

                @Override
                public void close() {
                    // It lets go of all by itself.
                }
            };
        }
        var run = new AgentsRun(plan, addresses, agents.token());
        return new Generator() {
            @Override
            public FanoutResult run(Consumer<Second> observer) throws IOException {
                return run.run(observer);
            }

            @Override
            public void interrupt() {
                run.interrupt();
            }

            @Override
            public void close() {
                run.close();
            }
        };
    }

    /** Runs to the end, once. */
    FanoutResult run(Consumer<Second> observer) throws IOException;

    /** Ends the run early. */
    void interrupt();

    @Override
    void close();
}
