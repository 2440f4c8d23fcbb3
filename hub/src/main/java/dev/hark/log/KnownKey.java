package dev.hark.log;

/**
 * What the log knows under an idempotency key.
 *
 * @param sequence    the position of the event that was published with it
 * @param fingerprint of that event
 * @param timeMillis  when it was stored
 */
public record KnownKey(long sequence, Fingerprint fingerprint, long timeMillis) {}
