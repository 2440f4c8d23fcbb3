package dev.hark.app.cluster;

import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/** What the clients of all nodes share: where the nodes are, the clock, and for how long there is something to do. Thread-safe. */
final class Meeting {
    private final List<URI> nodes;

    /** Counts requests, and orders them. */
    private final AtomicLong clock = new AtomicLong();

    private final AtomicIntegerArray acknowledged;
    private final AtomicInteger acknowledgedInAll = new AtomicInteger();
    private volatile boolean publishing = true;
    private volatile boolean over;
    private volatile String end = "";

    Meeting(List<URI> nodes) {
        this.nodes = List.copyOf(nodes);
        this.acknowledged = new AtomicIntegerArray(nodes.size());
    }

    List<URI> nodes() {
        return nodes;
    }

    long tick() {
        return clock.incrementAndGet();
    }

    /** Says that a publish was acknowledged by that node. */
    void acknowledge(int node) {
        acknowledged.incrementAndGet(node);
        acknowledgedInAll.incrementAndGet();
    }

    int acknowledged(int node) {
        return acknowledged.get(node);
    }

    int acknowledged() {
        return acknowledgedInAll.get();
    }

    /** Tells publishers to end once they know what became of what they sent with a key. */
    void stopPublishing() {
        publishing = false;
    }

    boolean publishing() {
        return publishing;
    }

    /** Says which event is the last. */
    void endAt(String data) {
        end = data;
    }

    boolean isEnd(String data) {
        return data.equals(end);
    }

    /** Gives up: whoever waits for something ends. */
    void abandon() {
        publishing = false;
        over = true;
    }

    boolean isOver() {
        return over;
    }
}
