package dev.hark.app.http.wire;

import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a request (RFC 9112, sections 2 to 5), and says it again in one form: origin-form, {@code HTTP/1.1}, one {@code Host},
 * no blanks around values, and without the fields that speak of the connection, which it knows instead.
 *
 * <p>The outcome depends on the bytes alone, not on how they are dealt out to {@link #read}. A refusal comes with the first byte that makes
 * it certain. Confined to the connection's thread.
 */
final class HeadReader {
    /* Each byte is looked at once, and written to the text as it is kept; what is learned at the end of a field may take the field away
       again. So nothing has to be read twice where a head comes in pieces, and no piece is kept. */

    private final HeadText text = new HeadText();
    private final RequestLine line;
    private final Fields fields;
    private final FieldLines lines;
    private boolean done;

    HeadReader(WireRules rules) {
        this.line = new RequestLine(rules, text);
        this.fields = new Fields(rules, line, text);
        this.lines = new FieldLines(rules.maxFieldBytes(), text, fields);
    }

    /** Takes bytes from {@code from} to before {@code to}, up to the end of the head or what is wrong with it; where it stopped. */
    int read(byte[] in, int from, int to) {
        int i = line.read(in, from, to);
        if (line.done() && text.refusal() == null) {
            i = lines.read(in, i, to);
        }
        if (lines.done() && text.refusal() == null && !done) {
            done = true;
            fields.end();
        }
        return i;
    }

    /** How long it is as far as it has come, in the one form. */
    int size() {
        return text.size();
    }

    /** How many bytes of memory that takes, which is more. */
    int held() {
        return text.held();
    }

    /** Whether anything of a request has come. */
    boolean begun() {
        return line.begun();
    }

    boolean done() {
        return done && text.refusal() == null;
    }

    /** What is wrong; null as long as nothing is. */
    @Nullable Refusal refusal() {
        return text.refusal();
    }

    /** The head in the one form, with room for {@code more} bytes behind it. Only once it is {@link #done}. */
    byte[] bytes(int more) {
        return text.all(more);
    }

    /** Whether the method is HEAD. */
    boolean head() {
        return line.head();
    }

    /** Whether the client is HTTP/1.0's. */
    boolean http10() {
        return line.http10();
    }

    /** Whether the connection ends with the answer. */
    boolean close() {
        return fields.close() || line.http10();
    }

    /** Whether the client waits for {@code 100 Continue} before it sends the body. */
    boolean expectsContinue() {
        return fields.expectsContinue() && !line.http10() && (fields.chunked() || fields.length() > 0);
    }

    boolean chunked() {
        return fields.chunked();
    }

    /** Where the page is from that has this asked; null where nothing is said of it, or not yet. */
    @Nullable String origin() {
        return fields.origin();
    }

    /** How long the body is, where it is not {@link #chunked}. */
    long length() {
        return fields.length();
    }
}
