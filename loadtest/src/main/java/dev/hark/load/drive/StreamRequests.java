package dev.hark.load.drive;

import dev.hark.load.drive.Stream.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Asks for streams, and for the tickets that they open with. Confined to the reader thread of these streams. */
record StreamRequests(Target target, Subscribers subscribers) {
    /** Asks on a fresh connection for what {@code stream} needs next. */
    void begin(Stream stream, SocketChannel channel) throws IOException {
        String topic = subscribers.topicOf(stream.subscriber);
        long number = subscribers.numberOf(stream.subscriber);
        if (stream.ticket != null) {
            subscribe(stream, channel, stream.ticket);
        } else if (target.credentials().tickets()) {
            stream.ticketAnswer = new TicketAnswer();
            stream.state = State.AWAITING_TICKET;
            send(channel, target.ticketRequest(nodeOf(stream), number, topic));
        } else {
            stream.state = State.AWAITING_HEAD;
            send(channel, target.subscribeRequest(nodeOf(stream), number, topic, stream.lastEventId()));
        }
    }

    /**
     * Reads on in the answer with a ticket, and opens the stream once it is whole: as browsers do, on the same connection.
     *
     * @return false if the server ends that connection, and {@code stream} needs another one for its ticket
     */
    boolean goOn(Stream stream, TicketAnswer answer, SocketChannel channel, byte[] read, int count) throws IOException {
        stream.decoder.feed(read, 0, count, answer);
        Optional<String> text = answer.ticket();
        if (text.isEmpty()) {
            return true;
        }
        var ticket = new Target.Ticket(text.get());
        boolean isKept = stream.decoder.keepAlive();
        stream.renew();
        if (isKept) {
            subscribe(stream, channel, ticket);
        } else {
            stream.ticket = ticket;
        }
        return isKept;
    }

    private void subscribe(Stream stream, SocketChannel channel, Target.Ticket ticket) throws IOException {
        // It can be used once.
        stream.ticket = null;
        stream.state = State.AWAITING_HEAD;
        send(channel, target.subscribeRequest(nodeOf(stream), ticket, subscribers.topicOf(stream.subscriber), stream.lastEventId()));
    }

    private Node nodeOf(Stream stream) {
        return Target.at(target.nodes(), stream.turn);
    }

    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer request = ByteBuffer.wrap(bytes);
        channel.write(request);
        if (request.hasRemaining()) {
            throw new IOException("a connection at rest took %d of %d bytes of the request".formatted(request.position(), request.limit()));
        }
    }
}
