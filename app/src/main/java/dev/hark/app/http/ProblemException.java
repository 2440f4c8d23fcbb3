package dev.hark.app.http;

import java.util.Map;

/** A refusal on its way to the caller. Carries no stack trace: it is an answer, not an accident. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ProblemType type;
    private final transient Map<String, String> headers;
    private final String instance;

    /** @param detail names the subject, the value and the limit; shown to the caller */
    public ProblemException(ProblemType type, String detail) {
        this(type, detail, Map.of());
    }

    /** @param headers for the answer, such as {@code Allow} and {@code Retry-After} */
    public ProblemException(ProblemType type, String detail, Map<String, String> headers) {
        this(type, detail, headers, "");
    }

    /** @param instance under which the hub's log has more of it (RFC 9457, section 3.1.5); empty where it has not */
    public ProblemException(ProblemType type, String detail, Map<String, String> headers, String instance) {
        super(detail, null, false, false);
        this.type = type;
        this.headers = Map.copyOf(headers);
        this.instance = instance;
    }

    public ProblemType type() {
        return type;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public Map<String, String> headers() {
        return headers;
    }

    public String instance() {
        return instance;
    }
}
