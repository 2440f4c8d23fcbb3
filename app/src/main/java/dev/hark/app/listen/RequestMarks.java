package dev.hark.app.listen;

import io.helidon.common.concurrency.limits.Limit;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * A limit that notes when it is asked and told: Helidon does so exactly where the head of a request has been read, and where its answer has
 * been written and its body read. Confined to the connection's thread.
 */
final class RequestMarks implements Limit {
    private final Limit limit;
    private final IntSupplier behindHead;
    private final Connection connection;

    RequestMarks(Limit limit, IntSupplier behindHead, Connection connection) {
        this.limit = limit;
        this.behindHead = behindHead;
        this.connection = connection;
    }

    @Override
    public Outcome tryAcquireOutcome(boolean wait) {
        connection.requestBegins(behindHead.getAsInt());
        return limit.tryAcquireOutcome(wait) instanceof Outcome.Accepted accepted
                ? Outcome.immediateAcceptance(name(), type(), new Mark(accepted.token(), connection))
                : Outcome.immediateRejection(name(), type());
    }

    private record Mark(Token token, Connection connection) implements Token {
        @Override
        public void success() {
            connection.requestEnds();
            token.success();
        }

        @Override
        public void dropped() {
            // The connection is about to end.
            token.dropped();
        }

        @Override
        public void ignore() {
            token.ignore();
        }
    }

    @Override
    @Deprecated(since = "4.3.0", forRemoval = true)
    @SuppressWarnings("removal") // abstract in Helidon 4.5 still
    public Optional<Token> tryAcquire() {
        return tryAcquire(true);
    }

    @Override
    @Deprecated(since = "4.3.0", forRemoval = true)
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire(boolean wait) {
        return tryAcquireOutcome(wait) instanceof Outcome.Accepted accepted ? Optional.of(accepted.token()) : Optional.empty();
    }

    @Override
    public Limit copy() {
        return new RequestMarks(limit.copy(), behindHead, connection);
    }

    @Override
    public String name() {
        return limit.name();
    }

    @Override
    public String type() {
        return limit.type();
    }
}
