package dev.hark.app.http.wire;

/**
 * Why a request is answered before anything but this package has seen it.
 *
 * @param detail names the subject, the value and the limit; shown to the client
 */
public record Refusal(Reason reason, String detail) {
    /** The status of the answer, and what a client may do about it. */
    public enum Reason {
        MALFORMED(400, "Bad Request"),
        TOO_LARGE(413, "Content Too Large"),
        TARGET_TOO_LONG(414, "URI Too Long"),
        UNSUPPORTED_CODING(415, "Unsupported Media Type"),
        EXPECTATION_FAILED(417, "Expectation Failed"),
        HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
        NOT_IMPLEMENTED(501, "Not Implemented"),
        VERSION_NOT_SUPPORTED(505, "HTTP Version Not Supported");

        private final int status;
        private final String phrase;

        Reason(int status, String phrase) {
            this.status = status;
            this.phrase = phrase;
        }

        public int status() {
            return status;
        }

        String phrase() {
            return phrase;
        }
    }

    static Refusal tooLarge(long maxBytes) {
        return new Refusal(Reason.TOO_LARGE, "the body is larger than " + maxBytes + " bytes, which is the limit for all bodies");
    }

    static Refusal malformed(String detail) {
        return new Refusal(Reason.MALFORMED, detail);
    }
}
