package dev.hark.load.agent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutRun;
import dev.hark.load.drive.Rendezvous;
import dev.hark.load.drive.Timeline;
import dev.hark.load.ledger.DueSecond;
import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Share;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.Second;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of an agent, from the controller's plan to this agent's part of the result.
 *
 * <p>{@link #run} is for one thread, once; a thread of its own reads what the controller says meanwhile.
 */
final class AgentSession implements Rendezvous {
    /** How long the plan may take to come. */
    private static final Duration PLAN_PATIENCE = Duration.ofSeconds(30);

    /** Beyond the longest time that another agent may need: it is lost then, and the controller says so. */
    private static final Duration MARGIN = Duration.ofSeconds(60);

    /** Chunks of the others' publications that may wait: all of the largest run, from every other agent. */
    private static final int MAX_WAITING = (Traffic.MAX_EVENTS / Results.CHUNK_EVENTS + 1) * Share.MAX_GENERATORS + 16;

    private final Link link;
    private final LinkedBlockingQueue<JsonNode> inbox = new LinkedBlockingQueue<>(MAX_WAITING);
    private volatile @Nullable FanoutRun current;
    private volatile boolean cut;
    private Duration longest = MARGIN;

    AgentSession(Link link) {
        this.link = link;
    }

    /** Takes a plan, runs it and tells the result. */
    void run() throws IOException {
        link.setPatience(PLAN_PATIENCE);
        JsonNode start = link.receive(Link.MAX_MESSAGE_BYTES);
        if (!Link.typeOf(start).equals("start")) {
            throw new IOException("message '" + Link.typeOf(start) + "' where a plan was expected");
        }
        link.setPatience(Duration.ZERO);
        FanoutRun run;
        try {
            FanoutPlan plan = PlanJson.read(start.path("plan"));
            var share = new Share(start.path("index").asInt(-1), start.path("of").asInt(-1));
            longest = plan.streams().connectTimeout().multipliedBy(2).plus(plan.phases().drain()).plus(MARGIN);
            run = new FanoutRun(plan, share, start.path("run").asInt(), this);
        } catch (IllegalArgumentException | IOException e) {
            link.send(Link.message("failed").put("reason", String.valueOf(e.getMessage())));
            return;
        }
        current = run;
        Thread.ofVirtual().name("agent-reader").start(this::read);
        FanoutResult result = run.run(this::show);
        if (cut) {
            return;
        }
        Timeline timeline = result.timeline();
        for (int i = 0; i < timeline.seconds().size(); i++) {
            link.send(Results.second(timeline.seconds().get(i), timeline.intervals().get(i)));
        }
        for (DueSecond each : timeline.due()) {
            link.send(Results.due(each));
        }
        link.send(Results.result(result));
    }

    private void read() {
        try {
            while (true) {
                JsonNode message = link.receive(Link.MAX_MESSAGE_BYTES);
                if (Link.typeOf(message).equals("interrupt")) {
                    interruptRun();
                } else if (!inbox.offer(message)) {
                    throw new IOException("more than " + MAX_WAITING + " messages wait");
                }
            }
        } catch (IOException e) {
            // The controller has its result, or is gone: a run for nobody ends.
            cut = true;
            interruptRun();
            link.close();
        }
    }

    private void interruptRun() {
        FanoutRun run = current;
        if (run != null) {
            run.interrupt();
        }
        inbox.offer(Link.message("interrupt"));
    }

    private void show(Second second) {
        try {
            link.send(Results.progress(second));
        } catch (IOException e) {
            // The reader notices, too, and ends the run.
        }
    }

    @Override
    public boolean onConnected(boolean hasStreams) {
        try {
            link.send(Link.message("connected").put("hasStreams", hasStreams));
            return Link.typeOf(next()).equals("begin");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean onPublished(Traffic traffic, Publications publications) {
        try {
            for (int from = 0; from == 0 || from < traffic.events(); from += Results.CHUNK_EVENTS) {
                link.send(Results.publications(traffic, publications, from));
            }
            int others = traffic.share().of() - 1;
            while (others > 0) {
                JsonNode message = next();
                if (!Link.typeOf(message).equals("published")) {
                    return false;
                }
                Results.book(message, traffic, publications);
                if (message.path("last").asBoolean()) {
                    others--;
                }
            }
            return true;
        } catch (IOException e) {
            interruptRun();
            return false;
        }
    }

    private JsonNode next() throws IOException {
        try {
            JsonNode message = inbox.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
            if (message == null) {
                throw new IOException("nothing from the controller for " + longest);
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
