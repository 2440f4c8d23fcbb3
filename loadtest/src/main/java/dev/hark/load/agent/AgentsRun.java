package dev.hark.load.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.agent.AgentException.Kind;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.ledger.DueSecond;
import dev.hark.load.ledger.Share;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.ServerWatch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The controller of a run that several agents make: it shares the load out, lets all begin together, passes on what each one's events
 * became, and adds up the results.
 *
 * <p>{@link #run} is for one thread, once; {@link #interrupt} is safe from any thread.
 */
public final class AgentsRun implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5000;

    /** An agent says something every second until its run is over, and then needs moments for the audit. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Messages that wait for the controller's thread; readers wait when it is full. */
    private static final int MAX_WAITING = 1024;

    private final FanoutPlan plan;
    private final List<Agent> agents = new ArrayList<>();
    private final LinkedBlockingQueue<Heard> heard = new LinkedBlockingQueue<>(MAX_WAITING);
    private int connected;
    private boolean allHaveStreams = true;

    /** What came from an agent; no message means that it is gone, for that reason. */
    private record Heard(Agent agent, @Nullable JsonNode message, String reason) {}

    /** One agent, as far as the controller knows it; but for the link, confined to the controller's thread. */
    private static final class Agent {
        private final int index;
        private final String name;
        private final Link link;
        private final ArrayDeque<Second> progress = new ArrayDeque<>();
        private final List<Second> seconds = new ArrayList<>();
        private final List<Histogram> intervals = new ArrayList<>();
        private final List<DueSecond> due = new ArrayList<>();
        private @Nullable FanoutResult result;

        Agent(int index, String name, Link link) {
            this.index = index;
            this.name = name;
            this.link = link;
        }
    }

    /**
     * Connects to all agents.
     *
     * @throws AgentException if one is not there, or does not let us in
     */
    public AgentsRun(FanoutPlan plan, List<InetSocketAddress> addresses, Token token) throws IOException {
        this.plan = plan;
        boolean complete = false;
        try {
            for (InetSocketAddress address : addresses) {
                agents.add(greet(agents.size(), address, token));
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private static Agent greet(int index, InetSocketAddress address, Token token) throws AgentException {
        String name = address.getHostString() + ":" + address.getPort();
        Link link = null;
        JsonNode answer;
        try {
            var socket = new Socket();
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_MILLIS);
            link = new Link(socket);
            link.setPatience(PATIENCE);
            link.send(Link.message("hello").put("version", Link.VERSION).put("token", token.value()));
            answer = link.receive(Link.MAX_GREETING_BYTES);
        } catch (IOException e) {
            if (link != null) {
                link.close();
            }
            throw new AgentException(Kind.UNREACHABLE,
                    "agent %s cannot be reached (%s): is 'hark-load agent' running there?".formatted(name, e.getMessage()));
        }
        if (!Link.typeOf(answer).equals("welcome")) {
            link.close();
            throw new AgentException(
                    Kind.UNREACHABLE, "agent %s refused: %s".formatted(name, answer.path("reason").asText("no reason given")));
        }
        return new Agent(index, name, link);
    }

    /** Asks all agents to end early; they still audit what they have. */
    public void interrupt() {
        for (Agent agent : agents) {
            try {
                agent.link.send(Link.message("interrupt"));
            } catch (IOException e) {
                // Its reader notices.
            }
        }
    }

    /**
     * Runs to the end, showing each second once all agents have told it.
     *
     * @throws AgentException if an agent is lost on the way
     */
    public FanoutResult run(Consumer<Second> observer) throws IOException {
        int run = ThreadLocalRandom.current().nextInt();
        boolean serverIsWatched = false;
        for (Agent agent : agents) {
            var share = new Share(agent.index, agents.size());
            // One is enough. The server's process id means something on this machine only.
            ServerWatch watch = serverIsWatched ? ServerWatch.NONE : isHere(agent.name) ? plan.server() : plan.server().withoutPids();
            serverIsWatched |= watch.probe().isPresent();
            start(agent, share, run, watch);
            Thread.ofVirtual().name("agent-" + agent.name).start(() -> listen(agent));
        }
        int results = 0;
        while (results < agents.size()) {
            Heard next = take();
            if (next.message == null) {
                if (next.agent.result == null) {
                    throw new AgentException(Kind.LOST, "agent %s was lost (%s): what it found is not known, so the run is invalid"
                            .formatted(next.agent.name, next.reason));
                }
            } else if (hear(next.agent, next.message, observer)) {
                results++;
            }
        }
        return Merge.of(agents.stream().map(agent -> java.util.Objects.requireNonNull(agent.result)).toList(),
                agents.stream().map(agent -> agent.name).toList());
    }

    private static boolean isHere(String name) {
        InetSocketAddress address = new InetSocketAddress(name.substring(0, name.lastIndexOf(':')), 0);
        return address.getAddress() != null && address.getAddress().isLoopbackAddress();
    }

    private void start(Agent agent, Share share, int run, ServerWatch watch) throws AgentException {
        ObjectNode start = Link.message("start").put("index", share.index()).put("of", share.of()).put("run", run);
        ObjectNode part = start.putObject("plan");
        PlanJson.write(part, plan.partOf(share).watching(watch));
        tell(agent, start);
    }

    private void listen(Agent agent) {
        try {
            try {
                while (true) {
                    heard.put(new Heard(agent, agent.link.receive(Link.MAX_MESSAGE_BYTES), ""));
                }
            } catch (IOException e) {
                String reason = e instanceof java.io.EOFException ? "it closed the connection" : String.valueOf(e.getMessage());
                heard.put(new Heard(agent, null, reason));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Heard take() throws IOException {
        try {
            return heard.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** True if that was the agent's result. */
    private boolean hear(Agent agent, JsonNode message, Consumer<Second> observer) throws IOException {
        switch (Link.typeOf(message)) {
            case "progress" -> {
                agent.progress.add(Results.secondOf(message));
                showComplete(observer);
            }
            case "connected" -> {
                allHaveStreams &= message.path("hasStreams").asBoolean();
                if (++connected == agents.size()) {
                    tellAll(Link.message(allHaveStreams ? "begin" : "abandon"), null);
                }
            }
            case "published" -> tellAll((ObjectNode) message, agent);
            case "second" -> {
                agent.seconds.add(Results.secondOf(message));
                agent.intervals.add(Results.intervalOf(message));
            }
            case "due" -> agent.due.add(Results.dueOf(message));
            case "result" -> {
                agent.result = Results.resultOf(message, agent.seconds, agent.intervals, agent.due);
                return true;
            }
            default -> throw new AgentException(Kind.LOST, "agent %s cannot run its part (%s), so the run is invalid"
                    .formatted(agent.name, message.path("reason").asText(Link.typeOf(message))));
        }
        return false;
    }

    private void showComplete(Consumer<Second> observer) {
        while (agents.stream().noneMatch(agent -> agent.progress.isEmpty())) {
            observer.accept(Merge.secondOf(agents.stream().map(agent -> agent.progress.remove()).toList()));
        }
    }

    private void tellAll(ObjectNode message, @Nullable Agent except) throws AgentException {
        for (Agent agent : agents) {
            if (agent != except) {
                tell(agent, message);
            }
        }
    }

    private static void tell(Agent agent, ObjectNode message) throws AgentException {
        try {
            agent.link.send(message);
        } catch (IOException e) {
            throw new AgentException(Kind.LOST,
                    "agent %s was lost (%s): what it found is not known, so the run is invalid".formatted(agent.name, e.getMessage()));
        }
    }

    /** Lets go of all agents: a run that is still on ends for want of a controller. */
    @Override
    public void close() {
        agents.forEach(agent -> agent.link.close());
    }
}
