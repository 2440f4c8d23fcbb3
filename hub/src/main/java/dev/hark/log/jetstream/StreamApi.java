package dev.hark.log.jetstream;

import io.nats.client.Message;
import io.nats.client.api.ApiResponse;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * What is asked about the stream, of its leader alone: any replica may answer a direct get, and an older one would say of a message that is
 * there that it is not. Thread-safe.
 */
final class StreamApi {
    /** Without an answer for so long there is none. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Files have to be removed for it. */
    private static final Duration PURGE_PATIENCE = Duration.ofSeconds(30);

    private static final int NO_MESSAGE = 10037;
    private static final byte[] NOTHING = new byte[0];

    private final Link link;
    private final String stream;
    private final String subject;

    StreamApi(Link link, JetStreamSettings settings) {
        this.link = link;
        stream = settings.stream();
        subject = settings.subject();
    }

    /** Whether there is a JetStream at all, for this account. */
    void account() throws IOException, InterruptedException {
        checked(new Answer(ask("INFO", NOTHING)));
    }

    StreamInfo info() throws IOException, InterruptedException {
        return checked(new StreamInfo(ask("STREAM.INFO." + stream, NOTHING)));
    }

    StreamInfo create(StreamConfiguration configuration) throws IOException, InterruptedException {
        byte[] body = configuration.toJson().getBytes(StandardCharsets.UTF_8);
        return checked(new StreamInfo(ask("STREAM.CREATE." + stream, body)));
    }

    /** Removes the messages before {@code sequence}. */
    void purge(long sequence) throws IOException, InterruptedException {
        byte[] body = ("{\"seq\":" + sequence + "}").getBytes(StandardCharsets.UTF_8);
        checked(new Answer(link.ask("$JS.API.STREAM.PURGE." + stream, null, body, PURGE_PATIENCE)));
    }

    /** The message at {@code sequence}, if it is there. */
    Optional<MessageInfo> message(long sequence) throws IOException, InterruptedException {
        return found("{\"seq\":" + sequence + "}");
    }

    /** The first message at {@code sequence} or later. */
    Optional<MessageInfo> next(long sequence) throws IOException, InterruptedException {
        return found("{\"seq\":" + sequence + ",\"next_by_subj\":\"" + subject + "\"}");
    }

    /** Makes a consumer that gives messages from {@code sequence} on, in the memory of one server, and goes when nobody pulls. */
    String consumer(long sequence, Duration idle) throws IOException, InterruptedException {
        String body = "{\"stream_name\":\"" + stream + "\",\"config\":{\"deliver_policy\":\"by_start_sequence\","
                + "\"opt_start_seq\":" + sequence + ",\"ack_policy\":\"none\",\"replay_policy\":\"instant\",\"mem_storage\":true,"
                + "\"num_replicas\":1,\"max_waiting\":4,\"inactive_threshold\":" + idle.toNanos() + "}}";
        Answer answer = checked(new Answer(ask("CONSUMER.CREATE." + stream, body.getBytes(StandardCharsets.UTF_8))));
        return answer.string("name");
    }

    /** Where messages of a consumer are asked for. */
    String pulls(String consumer) {
        return "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer;
    }

    /** Lets go of a consumer, and does not wait for it. */
    void forget(String consumer) {
        try {
            link.send("$JS.API.CONSUMER.DELETE." + stream + "." + consumer, NOTHING);
        } catch (IOException e) {
            // It goes by itself when nobody pulls.
        }
    }

    private Optional<MessageInfo> found(String body) throws IOException, InterruptedException {
        var found = new MessageInfo(ask("STREAM.MSG.GET." + stream, body.getBytes(StandardCharsets.UTF_8)), stream, false);
        if (found.hasError() && found.getApiErrorCode() == NO_MESSAGE) {
            return Optional.empty();
        }
        return Optional.of(checked(found));
    }

    private Message ask(String operation, byte[] body) throws IOException, InterruptedException {
        return link.ask("$JS.API." + operation, null, body, PATIENCE);
    }

    private static <T extends ApiResponse<T>> T checked(T answer) throws RefusedException {
        if (answer.hasError()) {
            throw new RefusedException(answer.getApiErrorCode(), String.valueOf(answer.getDescription()));
        }
        return answer;
    }

    /** What the servers answered is an error. */
    static final class RefusedException extends IOException {
        private static final int NO_STREAM = 10059;
        private static final int NAME_IN_USE = 10058;
        private static final int NO_JETSTREAM = 10076;
        private static final int NO_JETSTREAM_FOR_ACCOUNT = 10039;

        private final int code;

        RefusedException(int code, String description) {
            super(description + " (" + code + ")");
            this.code = code;
        }

        boolean isNoStream() {
            return code == NO_STREAM;
        }

        boolean isNameInUse() {
            return code == NAME_IN_USE;
        }

        boolean isNoJetStream() {
            return code == NO_JETSTREAM || code == NO_JETSTREAM_FOR_ACCOUNT;
        }
    }

    private static final class Answer extends ApiResponse<Answer> {
        Answer(Message message) {
            super(message);
        }

        String string(String name) {
            return String.valueOf(JsonValueUtils.readString(jv, name));
        }
    }
}
