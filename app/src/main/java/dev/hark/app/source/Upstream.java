package dev.hark.app.source;

/** What stands outside of the hub and has events for it. Thread-safe. */
public interface Upstream {
    /** Of which kind it is, as the configuration calls it. */
    String kind();

    /** Where it is, for people: without secrets. */
    String address();

    /**
     * Connects to it. Has an end.
     *
     * @throws UpstreamException with one sentence for the operator
     */
    Reading open() throws UpstreamException;
}
