package dev.hark.event;

import java.util.List;
import java.util.random.RandomGenerator;

/** Pieces of text that have broken event streams, or could, and random texts made of them. */
final class HostileText {
    static final List<String> FRAGMENTS = List.of(
            "\r", "\n", "\r\n", "\n\n", "\r\r", "\n\r", "\r\n\r\n", "\0", "\u2028", "\u2029", "\u0085", "\u000B", "\f", "\uFEFF",
            " ", "  ", "\t", ":", ": ",
            "data: x", "data:", "data", "id: 1", "id:", "id", "id: \0", "event: hark.close", "event:", "retry: 1", "retry", ": comment",
            "a", "text", "{}", "\u00E9", "\u20AC",
            "\uD83D\uDE00", "\uD800\uDC00", "\uDBFF\uDFFF", "\uFFFD", "\uFFFF", "\u007F", "hark.gap");

    private HostileText() {}

    static String of(RandomGenerator random) {
        var text = new StringBuilder();
        int pieces = random.nextInt(12);
        for (int i = 0; i < pieces; i++) {
            text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
        }
        return text.toString();
    }

    /** {@code text} as a client puts it together again: every line end is an LF. */
    static String withLineFeeds(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n');
    }
}
