package dev.hark.load.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What the load tester makes of what a server sends, in whatever pieces: answers, and the streams in them. The input is what comes over a
 * connection; and, beside, a stream by itself.
 */
public final class WireFuzzTest {
    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(WireFuzzTest.class, WireFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, WireFuzzTest::look);
    }

    private static void look(byte[] input) {
        List<String> decoded = decode(input, input.length);
        assertThat(decode(input, 1)).as("byte by byte").isEqualTo(decoded);
        assertThat(decode(input, 7)).as("in sevens").isEqualTo(decoded);

        List<String> scanned = Scanned.whole(input);
        int[] cuts = new int[Math.max(0, input.length - 1)];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i + 1;
        }
        assertThat(Scanned.inPieces(input, cuts)).as("byte by byte").isEqualTo(scanned);
        assertThat(scanned.stream().filter(line -> line.startsWith("event ")).toList()).isEqualTo(model(input));
        new Stamp().read(input, 0, input.length);
    }

    /** What a decoder reports, and whether it ended well. */
    private static List<String> decode(byte[] input, int pieces) {
        var reported = new ArrayList<String>();
        var body = new ByteArrayOutputStream();
        var listener = new HttpListener() {
            @Override
            public void onHead(HttpResponseDecoder response) {
                reported.add("head " + response.status() + ' ' + response.contentType() + ' ' + response.retryAfter());
            }

            @Override
            public void onBody(byte[] bytes, int from, int to) {
                body.write(bytes, from, to - from);
            }

            @Override
            public void onEnd() {
                reported.add("end");
            }
        };
        var decoder = new HttpResponseDecoder();
        try {
            for (int from = 0; from < input.length; from += pieces) {
                byte[] piece = java.util.Arrays.copyOfRange(input, from, Math.min(input.length, from + pieces));
                decoder.feed(piece, 0, piece.length, listener);
            }
            reported.add("closed " + decoder.onClosed(listener));
        } catch (ProtocolException e) {
            FuzzInputs.requireReadable(e);
            reported.add("refused");
        }
        reported.add(body.toString(StandardCharsets.ISO_8859_1));
        assertThat(body.size()).isLessThanOrEqualTo(input.length);
        return reported;
    }

    /** WHATWG HTML, 9.2.6, over the whole stream at once: its events. */
    private static List<String> model(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        String stream = (text.startsWith("\u00EF\u00BB\u00BF") ? text.substring(3) : text).replace("\r\n", "\n").replace('\r', '\n');
        var events = new ArrayList<String>();
        String type = "";
        @Nullable String data = null;
        List<String> lines = List.of(stream.split("\n", -1));
        for (String line : lines.subList(0, lines.size() - 1)) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            if (line.isEmpty()) {
                if (data != null) {
                    events.add("event [" + utf8(type) + "] " + utf8(data));
                }
                type = "";
                data = null;
            } else if (name.equals("event")) {
                type = value;
            } else if (name.equals("data")) {
                data = data == null ? value : data + '\n' + value;
            }
        }
        return events;
    }

    private static String utf8(String latin1) {
        return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), UTF_8);
    }
}
