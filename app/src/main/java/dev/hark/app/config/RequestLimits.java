package dev.hark.app.config;

import java.util.Locale;

/**
 * What one caller may ask for.
 *
 * @param subscribersPerIp      how many streams one address may hold at once; 0: as many as the hub holds
 * @param subscribersPerSubject how many one subject of tokens, or one key, may hold; 0: as many as the hub holds
 * @param eventBytes            how many bytes of data an event may have
 * @param batchEvents           how many events one request may publish
 * @param batchBytes            how many bytes the body of such a request may have
 * @param publishRate           how many events a publisher may publish in a second; 0: no bound
 * @param overloadAnswer        what a stream is answered that the hub has no room for
 */
public record RequestLimits(
        int subscribersPerIp,
        int subscribersPerSubject,
        int eventBytes,
        int batchEvents,
        int batchBytes,
        int publishRate,
        OverloadAnswer overloadAnswer) {

    /** What a stream is answered that the hub has no room for. */
    public enum OverloadAnswer {
        /** 200, {@code retry:}, {@code hark.close} and the end: browsers come back. */
        RETRY,
        /** 503 and {@code Retry-After}: for clients that are not browsers, and for proxies that try another node. */
        STATUS;

        /** The answer as the configuration spells it. */
        public String configName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws ConfigException naming the bounds that contradict each other */
    public RequestLimits {
        if (eventBytes > batchBytes) {
            throw new ConfigException("limits.event-bytes is " + ByteSize.print(eventBytes) + "; at most limits.batch-bytes, which is "
                    + ByteSize.print(batchBytes) + ", is allowed");
        }
    }

    RequestLimits withPublishRate(int other) {
        return new RequestLimits(
                subscribersPerIp, subscribersPerSubject, eventBytes, batchEvents, batchBytes, other, overloadAnswer);
    }
}
