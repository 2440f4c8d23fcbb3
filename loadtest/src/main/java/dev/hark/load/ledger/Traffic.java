package dev.hark.load.ledger;

/**
 * Which event goes where: the arithmetic of topics, flows and connections.
 *
 * <p>A <em>flow</em> is a sequence of events that one topic receives from one publishing connection, so that its order is certain. With one
 * topic there are as many flows as connections; with several, each topic is one flow. Event {@code k} belongs to flow {@code k mod flows}
 * at position {@code k div flows}.
 *
 * <p>Several generators share flows and subscribers round about: connections, and with them flows, belong to generator
 * {@code connection mod generators}, and the subscribers of one are numbered from 0 by itself. Events have one number everywhere.
 *
 * <p>A connection publishes its events one by one, or in batches of consecutive ones, of which the last is short.
 *
 * @param topics how many topics; event k goes to topic k mod topics
 * @param spread which topic each subscriber reads
 * @param connections how many connections publish
 * @param events how many events there are in all
 * @param share which of the generators this one is
 * @param batch how many events are published together
 */
public record Traffic(int topics, Spread spread, int connections, int events, Share share, int batch) {
    /** Bounds the memory of the ledger: about 50 bytes an event. */
    public static final int MAX_EVENTS = 10_000_000;

    public Traffic {
        if (topics < 1) {
            throw new IllegalArgumentException("topics is " + topics + "; it must be at least 1");
        }
        if (connections < 1) {
            throw new IllegalArgumentException("connections is " + connections + "; it must be at least 1");
        }
        if (events < 0 || events > MAX_EVENTS) {
            throw new IllegalArgumentException("a run of " + events + " events; the limit is " + MAX_EVENTS);
        }
        if (batch < 1) {
            throw new IllegalArgumentException("batch is " + batch + "; it must be at least 1");
        }
        if (connections % share.of() != 0) {
            throw new IllegalArgumentException(connections + " connections cannot be shared evenly by " + share.of() + " generators");
        }
    }

    /** Streams that are evenly spread, and events that are published one by one. */
    public Traffic(int topics, int connections, int events, Share share) {
        this(topics, Spread.EVEN, connections, events, share, 1);
    }

    /** The same of a single generator. */
    public Traffic(int topics, int connections, int events) {
        this(topics, connections, events, Share.WHOLE);
    }

    public int flows() {
        return topics == 1 ? connections : topics;
    }

    public int flowOf(int event) {
        return event % flows();
    }

    public int positionOf(int event) {
        return event / flows();
    }

    public int topicOf(int event) {
        return event % topics;
    }

    public int connectionOf(int event) {
        return flowOf(event) % connections;
    }

    /** The event whose due time is that of {@code event} too: the last of its batch, which cannot go before. */
    public int dueWith(int event) {
        if (batch == 1) {
            return event;
        }
        int connection = connectionOf(event);
        int ownFlows = flowsOf(connection);
        long last = ((long) indexOnConnection(event) / batch + 1) * batch - 1;
        return (int) Math.min(last / ownFlows * flows() + last % ownFlows * connections + connection, events - 1);
    }

    /** Whether an event is the first of its batch. */
    public boolean beginsBatch(int event) {
        return batch == 1 || indexOnConnection(event) % batch == 0;
    }

    private int indexOnConnection(int event) {
        return positionOf(event) * flowsOf(connectionOf(event)) + flowOf(event) / connections;
    }

    private int flowsOf(int connection) {
        return (flows() - 1 - connection) / connections + 1;
    }

    /** Which generator publishes a flow. */
    public int ownerOfFlow(int flow) {
        return flow % share.of();
    }

    /** Whether this generator publishes an event, and so knows by its own clock when it was due. */
    public boolean isOwn(int event) {
        return ownerOfFlow(flowOf(event)) == share.index();
    }

    /** How many events a flow has. */
    public int length(int flow) {
        return flow >= events ? 0 : (events - 1 - flow) / flows() + 1;
    }

    /** The event at a position of a flow, or -1 where there is none. */
    public int eventAt(int flow, int position) {
        return flow < 0 || flow >= flows() || position < 0 || position >= length(flow) ? -1 : position * flows() + flow;
    }

    /** Which of all generators' subscribers one of this generator's is. */
    public long numberOfSubscriber(int subscriber) {
        return (long) subscriber * share.of() + share.index();
    }

    public int topicOfSubscriber(int subscriber) {
        return spread.topicOf(numberOfSubscriber(subscriber), topics);
    }

    /** How many flows each subscriber sees. */
    public int flowsPerSubscriber() {
        return topics == 1 ? connections : 1;
    }

    /** The flow that is a subscriber's {@code index}th. */
    public int flowOfSubscriber(int subscriber, int index) {
        return topics == 1 ? index : topicOfSubscriber(subscriber);
    }

    /** Which of a subscriber's flows this one is, or -1 if it is none of his. */
    public int indexOfFlow(int subscriber, int flow) {
        if (topics == 1) {
            return flow;
        }
        return flow == topicOfSubscriber(subscriber) ? 0 : -1;
    }
}
