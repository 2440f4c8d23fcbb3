package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.buffers.BufferData;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequestFrontTest {
    /** What follows each request of the table. */
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n";

    static List<Exchange> table() {
        return Exchanges.all().stream().filter(row -> row.text().length() < 2000).toList();
    }

    @ParameterizedTest
    @MethodSource("table")
    void readsTheSameHoweverItComesInTwo(Exchange row) {
        byte[] bytes = bytes(row);
        FrontOutcome whole = outcome(List.of(bytes));
        for (int i = 1; i < bytes.length; i++) {
            assertThat(outcome(List.of(Arrays.copyOf(bytes, i), Arrays.copyOfRange(bytes, i, bytes.length))))
                    .as("split at %d", i).isEqualTo(whole);
        }
        List<byte[]> single = IntStream.range(0, bytes.length).mapToObj(i -> Arrays.copyOfRange(bytes, i, i + 1)).toList();
        assertThat(outcome(single)).as("byte by byte").isEqualTo(whole);
    }

    @Test
    void readsBrokenBytesTheSameHoweverTheyCome() {
        List<Exchange> table = table();
        for (long seed = 0; seed < 3000; seed++) {
            var random = new Random(seed);
            byte[] bytes = broken(bytes(table.get(random.nextInt(table.size()))), random);
            assertThat(outcome(pieces(bytes, random))).as("seed %d", seed).isEqualTo(outcome(List.of(bytes)));
        }
    }

    @Test
    void givesAFittingRequestInOneForm() {
        assertThat(outcome(
                        "GET http://h:80?a=b HTTP/1.7\r\nhost: x\r\nA:\t b \r\nconnection: keep-alive, TE\r\nTE: trailers\r\n\r\n")
                .given())
                .isEqualTo("GET /?a=b HTTP/1.1\r\nA: b\r\nHost: h:80\r\n\r\n");
        assertThat(outcome("POST /a HTTP/1.1\r\nHost: h:\r\nTransfer-Encoding:  Chunked\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\nT: u\r\n\r\n")
                .given()).isEqualTo("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n<abc>");
        assertThat(outcome("HEAD / HTTP/1.0\r\n\r\n").given()).isEqualTo("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    @Test
    void lessOfAnAnswerLeavesThanHelidonWrites() {
        var connection = new FakeConnection(List.of("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        RequestFront front = FrontOutcome.front(connection);
        front.get();
        front.context().dataWriter().write(BufferData.create("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhi"));
        front.context().dataWriter().write(BufferData.create("more"));
        assertThat(connection.written()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
    }

    /** What ends in chunked is of a length that is known, though not all of it is repeated. */
    @Test
    void knowsALongListOfCodingsForWhatItIs() {
        String codings = "gzip, ".repeat(20);
        assertThat(outcome("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + codings + "chunked\r\n\r\n").answered())
                .startsWith("HTTP/1.1 501 ").hasSizeLessThan(600);
        assertThat(outcome("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + codings + "chunked, br\r\n\r\n").answered())
                .startsWith("HTTP/1.1 400 ");
    }

    /** Latin-1 has controls beyond ASCII, and a refusal stands in the log. */
    @Test
    void repeatsNoControlCharacter() {
        assertThat(outcome("GET / HTTP/1.1\r\nHost: \u009b31m\r\n\r\n").ended()).isEqualTo(
                "the field 'Host' is '?31m', which is no host with or without a port");
        assertThat(outcome("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u0085\u009b\r\n\r\n").ended())
                .contains("'??'").doesNotContainPattern("\\p{Cc}");
    }

    @Test
    void readsNothingBeyondARequestBeforeItIsAnswered() {
        byte[] first = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi".getBytes(StandardCharsets.US_ASCII);
        var connection = new FakeConnection(List.of(first, NEXT.getBytes(StandardCharsets.US_ASCII)));
        RequestFront front = FrontOutcome.front(connection);
        assertThat(front.get()).endsWith('h', 'i');
        assertThat(connection.isRead()).isFalse();
        assertThat(front.get()).startsWith('G', 'E', 'T');
    }

    @Test
    void tellsAWaitingClientToGoOnOnceItsBodyIsWanted() {
        String head = "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
        var connection = new FakeConnection(List.of(head.getBytes(StandardCharsets.US_ASCII), "hi".getBytes(StandardCharsets.US_ASCII)));
        RequestFront front = FrontOutcome.front(connection);
        front.get();
        assertThat(connection.written()).isEmpty();
        assertThat(front.get()).containsExactly('h', 'i');
        assertThat(connection.written()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    }

    @Test
    void endsWhereAWaitingClientWasAnsweredWithoutItsBody() {
        String head = "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
        var connection = new FakeConnection(List.of(head.getBytes(StandardCharsets.US_ASCII), NEXT.getBytes(StandardCharsets.US_ASCII)));
        RequestFront front = FrontOutcome.front(connection);
        front.get();
        front.context().dataWriter().write(BufferData.create("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
        assertThat(front.get()).isNull();
        assertThat(connection.written()).isEqualTo("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    private static byte[] bytes(Exchange row) {
        byte[] request = row.bytes(7);
        byte[] bytes = Arrays.copyOf(request, request.length + NEXT.length());
        System.arraycopy(NEXT.getBytes(StandardCharsets.US_ASCII), 0, bytes, request.length, NEXT.length());
        return bytes;
    }

    /** With a byte or two changed, left out or put in, most of them such as matter. */
    private static byte[] broken(byte[] bytes, Random random) {
        var out = new ByteArrayOutputStream();
        int first = random.nextInt(bytes.length);
        int second = random.nextInt(bytes.length);
        String matter = "\r\n \t:;,%/?#[]0aZ\0";
        for (int i = 0; i < bytes.length; i++) {
            int other = random.nextInt(4) == 0 ? random.nextInt(256) : matter.charAt(random.nextInt(matter.length()));
            if (i != first && i != second) {
                out.write(bytes[i]);
            } else if (random.nextInt(3) > 0) {
                out.write(other);
                if (random.nextBoolean()) {
                    out.write(bytes[i]);
                }
            }
        }
        return out.toByteArray();
    }

    private static List<byte[]> pieces(byte[] bytes, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(1 + random.nextInt(60)));
            pieces.add(Arrays.copyOfRange(bytes, from, to));
            from = to;
        }
        return pieces;
    }

    private static FrontOutcome outcome(String bytes) {
        return outcome(List.of(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static FrontOutcome outcome(List<byte[]> pieces) {
        return FrontOutcome.of(pieces);
    }
}
