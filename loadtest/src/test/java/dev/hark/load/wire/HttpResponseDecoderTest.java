package dev.hark.load.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HttpResponseDecoderTest {
    private static final String FIXED = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nContent-Type: Text/Plain; charset=utf-8\r\n\r\nhello";
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
    private static final String EMPTY = "HTTP/1.1 204 No Content\r\n\r\n";
    private static final String INTERIM =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n";
    private static final String UNTIL_CLOSE = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n";

    @Test
    void readsOneAfterTheOther() {
        assertThat(decode(FIXED + CHUNKED + EMPTY + INTERIM + UNTIL_CLOSE))
                .containsExactly(
                        "head 201 text/plain", "hello", "end",
                        "head 200 ", "hello0123456789", "end",
                        "head 204 ", "", "end",
                        "head 429 ", "", "end",
                        "head 200 text/event-stream", "data: x\n\n", "end", "closed well");
    }

    @Test
    void tellsAnEndFromACut() {
        assertThat(decode(FIXED)).endsWith("closed well");
        assertThat(decode(FIXED.substring(0, FIXED.length() - 1))).endsWith("closed early");
        assertThat(decode("HTTP/1.1 2")).endsWith("closed early");
        assertThat(decode("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")).endsWith("closed early");
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void readsOnInAnAnswerThatIsLongerThanAnybodyCouldSend() {
        for (long length : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, Integer.MAX_VALUE, 1L << 32}) {
            assertThat(decode("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\nhello"))
                    .containsExactly("head 200 ", "closed early");
        }
    }

    @Test
    void repeatsLittleOfThatAndNothingThatSteersATerminal() {
        for (String answer : List.of("\u001b[31m\n", "HTTP/1.1 200 OK\r\n\u001b[31m" + "x".repeat(1_000) + "\n",
                "HTTP/1.1 200 OK\r\nContent-Length: \u009b" + "1".repeat(1_000) + "\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\u001b\n")) {
            assertThat(decode(answer).getLast()).startsWith("refused ").contains("?").hasSizeLessThan(200)
                    .doesNotContainPattern("\\p{Cc}");
        }
    }

    @Test
    void refusesWhatIsNotHttp() {
        assertRefused("SSH-2.0-OpenSSH\r\n", "SSH-2.0-OpenSSH");
        assertRefused("HTTP/1.1 2x0 OK\r\n", "status line");
        assertRefused("HTTP/1.1 200 OK\r\nno colon\r\n", "no colon");
        assertRefused("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "-1");
        assertRefused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "xyz");
        assertRefused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", "beyond");
        assertRefused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "followed by");
        assertRefused("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nab", "1 bytes after the end");
        assertRefused("HTTP/1.1 200 OK\r\nX: " + "x".repeat(HttpResponseDecoder.MAX_HEAD_BYTES), "longer than");
    }

    @Test
    void findsTheSameAtEverySplitPoint() {
        byte[] bytes = (FIXED + CHUNKED + EMPTY + INTERIM + UNTIL_CLOSE).getBytes(ISO_8859_1);
        List<String> whole = decode(bytes);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertThat(decode(bytes, first, second)).as("cut at %d and %d", first, second).isEqualTo(whole);
            }
        }
    }

    @Property
    void findsTheSameInAnyPieces(@ForAll("responses") String text, @ForAll int[] seeds) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        int[] cuts = Arrays.stream(seeds).map(seed -> Math.floorMod(seed, bytes.length + 1)).sorted().toArray();
        assertThat(decode(bytes, cuts)).isEqualTo(decode(bytes));
    }

    @Provide
    Arbitrary<String> responses() {
        return Arbitraries.of(FIXED, CHUNKED, EMPTY, INTERIM).list().ofMaxSize(6).map(all -> String.join("", all) + UNTIL_CLOSE);
    }

    private static void assertRefused(String text, String reason) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        assertThatThrownBy(() -> new HttpResponseDecoder().feed(bytes, 0, bytes.length, new Decoded()))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(reason);
    }

    private static List<String> decode(String text) {
        return decode(text.getBytes(ISO_8859_1));
    }

    private static List<String> decode(byte[] bytes, int... cuts) {
        var decoded = new Decoded();
        var decoder = new HttpResponseDecoder();
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? cuts[i] : bytes.length;
                decoder.feed(bytes, from, to, decoded);
                from = to;
            }
            decoded.all.add(decoder.onClosed(decoded) ? "closed well" : "closed early");
        } catch (ProtocolException e) {
            decoded.all.add("refused " + e.getMessage());
        }
        return decoded.all;
    }

    private static final class Decoded implements HttpListener {
        private final List<String> all = new ArrayList<>();
        private final StringBuilder body = new StringBuilder();

        @Override
        public void onHead(HttpResponseDecoder response) {
            all.add("head " + response.status() + " " + response.contentType());
        }

        @Override
        public void onBody(byte[] bytes, int from, int to) {
            body.append(new String(bytes, from, to - from, ISO_8859_1));
        }

        @Override
        public void onEnd() {
            all.add(body.toString());
            all.add("end");
            body.setLength(0);
        }
    }
}
