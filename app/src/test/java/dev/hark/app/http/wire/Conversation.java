package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What came over a connection, to its end, as answers: each as long as its head says, and nothing between them. */
record Conversation(List<Reply> replies, String raw) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int PIECE = 16 << 10;

    /** An answer. */
    record Reply(int status, List<String> fields, String body) {
        Optional<String> field(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ':';
            List<String> values = fields.stream()
                    .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(field -> field.substring(prefix.length()).strip())
                    .toList();
            if (values.size() > 1) {
                throw new AssertionError("more than one field " + name + " in " + fields);
            }
            return values.stream().findFirst();
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError("no JSON: " + body, e);
            }
        }
    }

    /**
     * Sends {@code bytes} over {@code socket}, in pieces, and reads to the end, where the hub closes; the first answer may have no
     * body.
     */
    static Conversation over(Socket socket, byte[] bytes, boolean firstIsHead) throws IOException {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        Thread sender = Thread.ofVirtual().start(() -> send(socket, bytes));
        var all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            in.transferTo(all);
        } catch (SocketException e) {
            // Reset while something was being sent: what had come counts.
        }
        socket.close();
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return parse(all.toString(StandardCharsets.ISO_8859_1), firstIsHead);
    }

    private static void send(Socket socket, byte[] bytes) {
        try {
            for (int i = 0; i < bytes.length; i += PIECE) {
                socket.getOutputStream().write(bytes, i, Math.min(PIECE, bytes.length - i));
            }
        } catch (IOException e) {
            // Refused before all was sent.
        }
    }

    static Conversation parse(String raw, boolean firstIsHead) {
        List<Reply> replies = new ArrayList<>();
        int position = 0;
        while (position < raw.length()) {
            int end = raw.indexOf("\r\n\r\n", position);
            if (!raw.startsWith("HTTP/1.1 ", position) || end < 0) {
                throw new AssertionError("no answer begins at " + position + " of\n" + raw);
            }
            List<String> lines = List.of(raw.substring(position, end).split("\r\n"));
            position = end + 4;
            int status = Integer.parseInt(lines.getFirst().substring(9, 12));
            if (status < 200) {
                continue;
            }
            var bare = new Reply(status, lines.subList(1, lines.size()), "");
            boolean head = firstIsHead && replies.isEmpty();
            if (!head && bare.field("Transfer-Encoding").isPresent()) {
                int last = raw.indexOf("\r\n0\r\n\r\n", position);
                assertThat(last).as(raw).isPositive();
                replies.add(new Reply(status, bare.fields(), utf8(withoutChunks(raw.substring(position, last)))));
                position = last + 7;
                continue;
            }
            int length = head || status == 204 || status == 304 ? 0 : length(bare, raw, position);
            assertThat(position + length).as("an answer is cut in\n" + raw).isLessThanOrEqualTo(raw.length());
            replies.add(new Reply(status, bare.fields(), utf8(raw.substring(position, position + length))));
            position += length;
        }
        return new Conversation(List.copyOf(replies), raw);
    }

    /** As its head says, or else up to the end of the connection. */
    private static int length(Reply reply, String raw, int position) {
        if (reply.field("Content-Length").isEmpty()) {
            assertThat(reply.field("Connection")).as("an answer without a length in\n" + raw).contains("close");
        }
        return reply.field("Content-Length").map(Integer::parseInt).orElse(raw.length() - position);
    }

    /** What is in the chunks before the last one. */
    private static String withoutChunks(String body) {
        var text = new StringBuilder();
        for (int i = 0; i < body.length(); ) {
            int line = body.indexOf("\r\n", i);
            int size = Integer.parseInt(body.substring(i, line), 16);
            text.append(body, line + 2, line + 2 + size);
            i = line + 2 + size + 2;
        }
        return text.toString();
    }

    private static String utf8(String latin) {
        return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
