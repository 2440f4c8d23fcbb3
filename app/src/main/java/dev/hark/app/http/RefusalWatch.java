package dev.hark.app.http;

import java.util.List;

/** Who wants to know of refusals. Told by the threads of requests: it returns at once, and throws nothing. Thread-safe. */
@FunctionalInterface
public interface RefusalWatch {
    /** @param topics what the request was about, topics or filters, as it had them */
    void refused(List<String> topics, ProblemType why);
}
