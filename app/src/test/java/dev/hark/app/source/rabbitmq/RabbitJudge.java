package dev.hark.app.source.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.source.SourcedLog;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether a hub has each confirmed message of a queue exactly once, and those of each service in the order in which it published them. */
public final class RabbitJudge {
    private static final String LAST = "last";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private RabbitJudge() {}

    /**
     * What the hub has, once that is all.
     *
     * @param topic      of all messages
     * @param publishers that have ended
     */
    public static List<String> judge(
            URI hub, String topic, RabbitServer rabbit, String queue, List<RabbitPublisher> publishers, long seed) throws Exception {
        Set<String> confirmed = new HashSet<>();
        Set<String> sent = new HashSet<>();
        publishers.forEach(each -> confirmed.addAll(each.confirmed()));
        publishers.forEach(each -> sent.addAll(each.sent()));
        assertThat(publishers).as("each got something done (seed %d)", seed).noneMatch(each -> each.confirmed().isEmpty());
        // Behind all that waits, and all that comes again.
        rabbit.publish(queue, LAST);
        List<String> log = new SourcedLog(hub, topic).readUntil(PATIENCE, all -> all.contains(LAST));

        assertThat(log.removeLast()).isEqualTo(LAST);
        SourcedLog.requireOnceAndInOrder(log, confirmed, seed);
        assertThat(sent).as("nothing else (seed %d)", seed).containsAll(log);
        return log;
    }
}
