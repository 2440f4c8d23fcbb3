package dev.hark.load.nullhub;

import java.nio.ByteBuffer;

/** The last step before a frame goes to a stream, where the tests put their sabotage. Called on the hub's thread only. */
public interface Delivery {
    /** Sends frames on as they are. */
    Delivery FAITHFUL = new Delivery() {};

    /** Where frames go. The buffer belongs to the receiver's stream from then on only as far as it is read: it is not changed. */
    @FunctionalInterface
    interface Out {
        void send(ByteBuffer frame);
    }

    /** Hands an event's frame to a stream. Streams are numbered as they connect, events from 1. */
    default void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
        out.send(frame);
    }

    /** The first sequence that a stream is given when it resumes after another. */
    default long resumeFrom(int stream, long lastSequence) {
        return lastSequence + 1;
    }

    /** Whether the hub ends a stream after this event. */
    default boolean endsAfter(int stream, long sequence) {
        return false;
    }

    /** Whether idempotency keys are known again. */
    default boolean knowsKeys() {
        return true;
    }

    /** Whether the hub stores this event, and ends the publisher's connection instead of answering. */
    default boolean breaksAfter(long sequence) {
        return false;
    }

    /** Called before an event is fanned out. */
    default void beforeEvent(long sequence) {}
}
