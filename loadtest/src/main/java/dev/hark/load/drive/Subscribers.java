package dev.hark.load.drive;

import dev.hark.load.ledger.Attendance;
import dev.hark.load.ledger.Traffic;
import java.util.List;

/**
 * The subscribers of one reader thread.
 *
 * @param first the number of the first
 * @param count how many, numbered on from there
 * @param traffic says who reads which topic
 * @param topics the topics' names
 * @param attendance where their coming and going is written down
 */
record Subscribers(int first, int count, Traffic traffic, List<String> topics, Attendance attendance) {
    /** A subscriber's number among those of all generators. */
    long numberOf(int subscriber) {
        return traffic.numberOfSubscriber(subscriber);
    }

    String topicOf(int subscriber) {
        return topics.get(traffic.topicOfSubscriber(subscriber));
    }
}
