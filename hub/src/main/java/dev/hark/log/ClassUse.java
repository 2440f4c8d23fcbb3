package dev.hark.log;

/**
 * What a log holds of a class of topics.
 *
 * @param events how many events are retained
 * @param bytes  how many bytes their frames have
 * @param lost   the position up to which it has lost events to retention; 0 where it has lost none
 */
public record ClassUse(TopicClass topicClass, long events, long bytes, long lost) {}
