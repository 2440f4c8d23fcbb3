package dev.hark.log.jetstream;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Who is there: a question to all nodes of a stream, on a subject beside it that no stream has, which each of them answers. Thread-safe.
 */
final class RollCall {
    private static final int MAX_ANSWERS = 1_000;
    private static final int MAX_BYTES = 16 << 10;

    /** How many questions, and answers, wait for their reader. */
    private static final int MAX_WAITING = 64;

    /** Once another node has answered, the others do so within moments. */
    private static final Duration QUIET = Duration.ofMillis(500);

    private static final byte[] NOTHING = new byte[0];

    /** Marks the answer of whoever asks: it is there before those that travel, and says nothing of how long they take. */
    private static final String OWN = "Hark-Own";

    private static final System.Logger LOGGER = System.getLogger(RollCall.class.getName());

    private final Link link;
    private final String subject;

    /** Where answers to the questions of this node go. */
    private final Set<String> inboxes = ConcurrentHashMap.newKeySet();

    RollCall(Link link, JetStreamSettings settings) {
        this.link = link;
        subject = settings.rollCallSubject();
    }

    /** Answers with what {@code answer} says. */
    void answerWith(Supplier<byte[]> answer) {
        link.onEachConnection(connection -> listen(connection, answer));
    }

    private void listen(Connection connection, Supplier<byte[]> answer) {
        try {
            Dispatcher dispatcher = connection.createDispatcher(question -> answer(connection, question, answer));
            dispatcher.setPendingLimits(MAX_WAITING, MAX_WAITING * (long) MAX_BYTES);
            dispatcher.subscribe(subject);
        } catch (IllegalStateException e) {
            // It is closed already: the next one is listened to.
            LOGGER.log(System.Logger.Level.DEBUG, "the roll is not heard", e);
        }
    }

    private void answer(Connection connection, Message question, Supplier<byte[]> answer) {
        String to = question.getReplyTo();
        if (to == null) {
            return;
        }
        try {
            byte[] said = answer.get();
            if (said.length <= MAX_BYTES) {
                Headers headers = inboxes.contains(to) ? new Headers().put(OWN, "1") : null;
                connection.publish(to, headers, said);
            } else {
                LOGGER.log(System.Logger.Level.WARNING, "what this node says of itself has {0} bytes, and is not sent", said.length);
            }
        } catch (IllegalStateException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a question is not answered", e);
        }
    }

    /**
     * Has an end soon after the first answer of another node; where this one is alone, which it cannot know, after {@code patience}.
     *
     * @throws IOException if there is no connection
     */
    List<byte[]> call(Duration patience) throws IOException, InterruptedException {
        Connection connection = link.connection();
        long deadline = System.nanoTime() + patience.toNanos();
        String inbox = connection.createInbox();
        inboxes.add(inbox);
        var answers = new ArrayList<byte[]>();
        boolean othersAnswer = false;
        try {
            Subscription subscription = connection.subscribe(inbox);
            try {
                subscription.setPendingLimits(MAX_ANSWERS, MAX_ANSWERS * (long) MAX_BYTES);
                connection.publish(subject, inbox, NOTHING);
                long left = patience.toNanos();
                while (left > 0 && answers.size() < MAX_ANSWERS) {
                    Message answer = subscription.nextMessage(Duration.ofNanos(othersAnswer ? Math.min(left, QUIET.toNanos()) : left));
                    if (answer == null) {
                        break;
                    }
                    byte[] data = answer.getData();
                    if (!answer.isStatusMessage() && data != null && data.length <= MAX_BYTES) {
                        answers.add(data);
                        othersAnswer |= !answer.hasHeaders() || !answer.getHeaders().containsKey(OWN);
                    }
                    left = deadline - System.nanoTime();
                }
            } finally {
                subscription.unsubscribe();
            }
        } catch (IllegalStateException e) {
            if (answers.isEmpty()) {
                throw new IOException("the connection went away", e);
            }
        } finally {
            inboxes.remove(inbox);
        }
        return answers;
    }
}
