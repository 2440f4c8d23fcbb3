package dev.hark.load.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SseScannerTest {
    @Test
    void readsWhatTheHubWrites() {
        assertThat(scan("retry: 2000\nid: e-1\n\nevent: order\nid: e-2\ndata: a\ndata: b\n\n: beat\n\nid: e-9\n\n"))
                .containsExactly("retry 2000", "id e-1", "id e-2", "event [order] a\nb", "id e-9");
    }

    @Test
    void takesEveryLineEnd() {
        assertThat(scan("data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\ndata: e\n\r\n"))
                .containsExactly("event [] a", "event [] b", "event [] c", "event [] d", "event [] e");
    }

    @Test
    void dispatchesOnALoneCarriageReturnWithoutWaitingForMore() {
        assertThat(scan("data: now\r\r")).containsExactly("event [] now");
    }

    @Test
    void dropsOneByteOrderMarkOnly() {
        assertThat(scan("\uFEFFdata: a\n\n")).containsExactly("event [] a");
        assertThat(scan("\uFEFF\uFEFFdata: a\n\ndata: b\n\n")).containsExactly("event [] b");
        assertThat(scan("data: \uFEFFa\n\n")).containsExactly("event [] \uFEFFa");
    }

    @Test
    void keepsAllButOneLeadingSpace() {
        assertThat(scan("data:  a \n\ndata:b\n\ndata\n\n")).containsExactly("event []  a ", "event [] b", "event [] ");
    }

    @Test
    void ignoresAnIdWithNulAndARetryThatIsNoNumber() {
        assertThat(scan("id: a\0b\nretry: 2s\nretry: -1\nretry:\ndata: x\n\n")).containsExactly("event [] x");
    }

    @Test
    void reportsAnEmptyId() {
        assertThat(scan("id\n\n")).containsExactly("id ");
    }

    @Test
    void ignoresCommentsUnknownFieldsAndUnfinishedBlocks() {
        assertThat(scan(": c\n:\nfoo: bar\nDATA: x\ndatum: y\n\nevent: only\n\ndata: cut")).isEmpty();
    }

    @Test
    void forgetsATypeWhenTheBlockHadNoData() {
        assertThat(scan("event: a\n\ndata: x\n\n")).containsExactly("event [] x");
    }

    @Test
    void acceptsAnEventAtTheLimitAndRefusesOneByteMore() throws ProtocolException {
        var scanned = new Scanned();
        feed(new SseScanner(10), "data:12345\ndata:1234\n\n", scanned);
        assertThat(scanned.lines()).containsExactly("event [] 12345\n1234");
        assertThatThrownBy(() -> feed(new SseScanner(10), "data:12345\ndata:12345\n\n", new Scanned()))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("event of an event stream is 11 bytes")
                .hasMessageContaining("limit is 10");
        assertThatThrownBy(() -> feed(new SseScanner(10), "0123456789a", new Scanned()))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("line");
    }

    @Test
    void findsTheSameAtEverySplitPoint() {
        for (String text : SseCorpus.STREAMS) {
            byte[] stream = text.getBytes(UTF_8);
            List<String> whole = Scanned.whole(stream);
            for (int first = 0; first <= stream.length; first++) {
                for (int second = first; second <= stream.length; second++) {
                    assertThat(Scanned.inPieces(stream, first, second)).as("%s cut at %d and %d", text, first, second).isEqualTo(whole);
                }
            }
            assertThat(Scanned.inPieces(stream, everyByte(stream))).as("%s byte by byte", text).isEqualTo(whole);
        }
    }

    @Property(tries = 2000)
    void findsTheSameInAnyPieces(@ForAll("streams") String text, @ForAll int[] seeds) {
        byte[] stream = text.getBytes(UTF_8);
        int[] cuts = Arrays.stream(seeds).map(seed -> Math.floorMod(seed, stream.length + 1)).sorted().toArray();
        assertThat(Scanned.inPieces(stream, cuts)).isEqualTo(Scanned.whole(stream));
    }

    @Provide
    Arbitrary<String> streams() {
        return Arbitraries.of(SseCorpus.PIECES).list().ofMaxSize(40).map(pieces -> String.join("", pieces));
    }

    private static int[] everyByte(byte[] stream) {
        int[] cuts = new int[stream.length];
        Arrays.setAll(cuts, i -> i);
        return cuts;
    }

    private static List<String> scan(String stream) {
        return Scanned.whole(stream.getBytes(UTF_8));
    }

    private static void feed(SseScanner scanner, String text, Scanned scanned) throws ProtocolException {
        byte[] bytes = text.getBytes(UTF_8);
        scanner.feed(bytes, 0, bytes.length, scanned);
    }
}
