import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.http.action.sse.SseInboundMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fan-out as {@code hark-load fanout} drives it: streams on one topic, events at a steady rate, each with the time at which it was due.
 * At its end it says how many deliveries were counted, and when they came, in milliseconds after that.
 */
public class FanoutSimulation extends Simulation {
    private static final String URL = System.getProperty("url", "http://127.0.0.1:8080");
    private static final int STREAMS = Integer.getInteger("streams", 1_000);
    private static final int RATE = Integer.getInteger("rate", 10);
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration MEASURE = Duration.ofSeconds(Integer.getInteger("measure", 30));
    private static final int EVENTS = (int) (RATE * MEASURE.toSeconds());
    private static final Pattern DUE = Pattern.compile("due=(\\d+)");
    private static final String TOPIC = "/topics/cross-check/" + System.currentTimeMillis();

    private static final AtomicLong DELIVERIES = new AtomicLong();
    private static final AtomicInteger[] MILLIS = new AtomicInteger[60_000];
    private static final AtomicLong FIRST_DUE = new AtomicLong();
    private static final AtomicInteger NEXT = new AtomicInteger();

    static {
        Arrays.setAll(MILLIS, i -> new AtomicInteger());
    }

    private final HttpProtocolBuilder protocol = http.baseUrl(URL).sseUnmatchedInboundMessageBufferSize(EVENTS + 100);

    private final ScenarioBuilder listeners = scenario("listeners")
            .exec(sse("open").get(TOPIC).await(10).on(sse.checkMessage("opened").check(regex("hark.open"))))
            .pause(CONNECT.plus(MEASURE).plusSeconds(10))
            .exec(sse.processUnmatchedMessages((messages, session) -> {
                messages.forEach(FanoutSimulation::count);
                return session;
            }))
            .exec(sse("close").close());

    private final ScenarioBuilder publisher = scenario("publisher")
            .exec(session -> {
                FIRST_DUE.compareAndSet(0, System.currentTimeMillis());
                return session.set("due", FIRST_DUE.get() + 1_000L * NEXT.getAndIncrement() / RATE);
            })
            .exec(http("publish").post(TOPIC).body(StringBody("due=#{due}" + "x".repeat(80))).check(status().is(201)));

    {
        setUp(
                listeners.injectOpen(rampUsers(STREAMS).during(CONNECT.dividedBy(2))),
                publisher.injectOpen(nothingFor(CONNECT), constantUsersPerSec(RATE).during(MEASURE)))
                .protocols(protocol);
    }

    private static void count(SseInboundMessage message) {
        Matcher due = DUE.matcher(message.message());
        if (due.find()) {
            DELIVERIES.incrementAndGet();
            long late = message.timestamp() - Long.parseLong(due.group(1));
            MILLIS[(int) Math.clamp(late, 0, MILLIS.length - 1)].incrementAndGet();
        }
    }

    @Override
    public void after() {
        System.out.printf("deliveries: %,d of %,d; p50 %d ms, p99 %d ms, p99.9 %d ms%n",
                DELIVERIES.get(), (long) EVENTS * STREAMS, percentile(0.5), percentile(0.99), percentile(0.999));
    }

    private static int percentile(double share) {
        long rest = (long) (DELIVERIES.get() * share);
        for (int millis = 0; millis < MILLIS.length; millis++) {
            rest -= MILLIS[millis].get();
            if (rest < 0) {
                return millis;
            }
        }
        return MILLIS.length;
    }
}
