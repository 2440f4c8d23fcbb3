package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What comes of some bytes of a client, however they were dealt out.
 *
 * @param given    what Helidon is given, with each body in one chunk
 * @param answered what the client is told, without the time, and without being told to go on
 * @param ended    with what word, empty where the client had nothing more to say
 * @param bytes    what Helidon is given, as it is where the client's bytes came in one piece; says nothing of where it came in several
 */
record FrontOutcome(String given, String answered, String ended, String bytes) {
    private static final WireRules RULES = new WireRules(1000, 500, 10_000);
    private static final ClientFaults FAULTS = new ClientFaults(Duration.ofMinutes(1), Thread::sleep, line -> {});

    /** A head as Helidon is to see it (RFC 9112): one blank where one is needed, one form of each end of a line. */
    private static final Pattern HEAD = Pattern.compile(
            "(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE) (/[!-~]*|\\*) HTTP/1\\.1\\r\\n"
                    + "(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?(?:[!-~\\x80-\\xff](?:[ \\t!-~\\x80-\\xff]*[!-~\\x80-\\xff])?)?\\r\\n)*+\\r\\n");

    static RequestFront front(FakeConnection connection) {
        return new RequestFront(
                connection, begun -> connection.serverSocket().get(), RULES, FAULTS,
                refusal -> refusal.toString().getBytes(StandardCharsets.ISO_8859_1), HeadRoom.PLENTY);
    }

    /** Reads all that there is, as Helidon does where each request is answered once its body has been read. */
    static FrontOutcome of(List<byte[]> pieces) {
        var connection = new FakeConnection(pieces);
        RequestFront front = front(connection);
        var given = new ByteArrayOutputStream();
        String ended = "";
        try {
            for (byte[] bytes = front.get(); bytes != null; bytes = front.get()) {
                given.writeBytes(bytes);
            }
        } catch (ConnectionEnd end) {
            ended = String.valueOf(end.getMessage());
        }
        String text = given.toString(StandardCharsets.ISO_8859_1);
        // Who has begun to send a body need not be told to go on.
        String answered = connection.written().replace("HTTP/1.1 100 Continue\r\n\r\n", "").replaceAll("Date: [^\r]*", "Date: …");
        return new FrontOutcome(joined(text), answered, ended, text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrontOutcome same && given.equals(same.given) && answered.equals(same.answered) && ended.equals(same.ended);
    }

    @Override
    public int hashCode() {
        return given.hashCode();
    }

    /** What is given is nothing but whole heads of one form, each with its body, and read again it is the same. */
    void requireWellFormed() {
        assertThat(ended).as("one line").doesNotContainPattern("\\p{Cntrl}|[\\x80-\\x9f]").hasSizeLessThan(400);
        assertThat(of(List.of(bytes.getBytes(StandardCharsets.ISO_8859_1))).given()).as("read again").isEqualTo(given);
        if (!answered.isEmpty()) {
            assertThat(answered).matches("(?s)HTTP/1\\.1 [45][0-9]{2} [A-Za-z ]+\r\n.*Connection: close\r\n\r\n.*");
        }
        int position = 0;
        for (Matcher head = HEAD.matcher(given); position < given.length(); ) {
            head.region(position, given.length());
            assertThat(head.lookingAt()).as("a head at %d of %s", position, given).isTrue();
            String fields = head.group();
            assertThat(count(fields, "Host")).isOne();
            int lengths = count(fields, "Content-Length");
            int codings = count(fields, "Transfer-Encoding");
            assertThat(lengths + codings).isLessThanOrEqualTo(1);
            position = head.end();
            if (codings == 1) {
                // What is in chunks may look like anything, and so may look like where it ends.
                return;
            }
            if (lengths == 1) {
                position = Math.min(given.length(), position + length(fields));
            }
        }
    }

    private static int length(String head) {
        return Integer.parseInt(head.replaceAll("(?is).*\r\nContent-Length: ([0-9]+)\r\n.*", "$1"));
    }

    private static int count(String head, String field) {
        return (int) Pattern.compile("^" + field + ": ", Pattern.MULTILINE | Pattern.CASE_INSENSITIVE).matcher(head).results().count();
    }

    /** Each body in chunks, as {@code <what is in it>}: how it is cut does not matter. */
    private static String joined(String given) {
        var out = new StringBuilder();
        int position = 0;
        for (int end = given.indexOf("\r\n\r\n"); end >= 0; end = given.indexOf("\r\n\r\n", position)) {
            String head = given.substring(position, end + 4);
            out.append(head);
            position = end + 4;
            if (count(head, "Transfer-Encoding") > 0) {
                out.append('<');
                position = chunks(given, position, out);
                out.append('>');
            } else if (count(head, "Content-Length") > 0) {
                int to = Math.min(given.length(), position + length(head));
                out.append(given, position, to);
                position = to;
            }
        }
        return out.append(given.substring(position)).toString();
    }

    /** Of a body that does not end, how much was given before that was known does not matter either. */
    private static int chunks(String given, int from, StringBuilder out) {
        int begin = out.length();
        int position = from;
        while (position < given.length()) {
            int line = given.indexOf("\r\n", position);
            int size = Integer.parseInt(given.substring(position, line), 16);
            if (size == 0) {
                return line + 4;
            }
            out.append(given, line + 2, line + 2 + size);
            position = line + 2 + size + 2;
        }
        out.setLength(begin);
        return position;
    }
}
