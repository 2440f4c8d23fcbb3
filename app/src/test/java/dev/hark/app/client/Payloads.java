package dev.hark.app.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Data that encoders and parsers of event streams have tripped over, and what a client is to make of it. */
final class Payloads {
    /** What is strung together at random. */
    private static final List<String> PIECES = List.of(
            "\r", "\n", "\r\n", "\n\r", "\u0000", "\u0085", "\u2028", "\u2029", "\uFEFF", " ", "  ", ":", ": ", "a",
            "data: ", "data:", "event: hark.close",
            "id: 0", "retry: 1", "é", "\u20AC", "\uD83D\uDC08", "\t", "\u000B", "\f", "\u001B", "\u007F", "\uFFFD", "\uFFFF");

    private Payloads() {}

    /** Each of the known ones. */
    static List<String> known() {
        return List.of(
                "plain",
                "",
                " ",
                " leading space",
                "  two leading spaces",
                "trailing space ",
                "\n",
                "\r",
                "\r\n",
                "\n\n",
                "\r\r",
                "\r\n\r\n",
                "\n\r",
                "a\nb\rc\r\nd",
                "ends in LF\n",
                "ends in CR\r",
                "ends in CRLF\r\n",
                "\nbegins with LF",
                "a\r\rb",
                "\u0000",
                "a\u0000b",
                "\u2028",
                "a\u2028b\u2029c\u0085d",
                "\uFEFFbegins with a byte order mark",
                "\u000B\f\u001C\u001E",
                "astral \uD83D\uDC08 \uD800\uDF48 \uDBFF\uDFFD",
                ":",
                ": a comment",
                "data: x",
                "id: forged\nevent: forged\nretry: 1\n\ndata: forged",
                "x\rid: forged\r\revent: hark.close\rdata: {}\r\r",
                "{\"json\":\"\\u0000\\r\\n\"}",
                "x".repeat(60 << 10),
                "\n".repeat(60 << 10),
                "\uD83D\uDC08".repeat(15 << 10));
    }

    static List<String> random(long seed, int count) {
        var random = new Random(seed);
        var payloads = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var text = new StringBuilder();
            for (int pieces = random.nextInt(12); pieces > 0; pieces--) {
                text.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            payloads.add(text.toString());
        }
        return payloads;
    }

    /** What a client reassembles: the same but for its line ends (WHATWG HTML, 9.2.6). */
    static String received(String payload) {
        return payload.replace("\r\n", "\n").replace('\r', '\n');
    }
}
