package dev.hark.load.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Compares the scanner with npm's eventsource-parser, which other people wrote and many clients use. */
class SseScannerOracleIT {
    private static final String PARSER = "eventsource-parser@3.1.1";
    private static final Path FOLDER = Path.of("target", "npm").toAbsolutePath();
    private static final long INSTALL_SECONDS = 120;
    private static final int RANDOM_STREAMS = 5000;

    @Test
    @Timeout(180)
    void findsWhatEventsourceParserFinds() throws IOException, InterruptedException {
        install();
        List<String> streams = new ArrayList<>(SseCorpus.STREAMS);
        var random = new Random(42);
        while (streams.size() < SseCorpus.STREAMS.size() + RANDOM_STREAMS) {
            var text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(SseCorpus.PIECES.get(random.nextInt(SseCorpus.PIECES.size())));
            }
            streams.add(text.toString());
        }
        List<JsonNode> expected = ask(streams);
        for (int i = 0; i < streams.size(); i++) {
            JsonNode found = scanned(streams.get(i));
            forgetIdsOfOtherBlocks(found, expected.get(i));
            assertThat(found).as("stream %d: %s", i, streams.get(i)).isEqualTo(expected.get(i));
        }
    }

    /**
     * What arrives over HTTP, in chunks of any size or until the connection closes, and in reads that end
     * anywhere, is what the parser finds.
     */
    @Test
    @Timeout(180)
    void findsTheSameThroughHttpAtEverySplitPoint() throws IOException, InterruptedException {
        install();
        List<JsonNode> expected = ask(SseCorpus.STREAMS);
        for (int i = 0; i < SseCorpus.STREAMS.size(); i++) {
            byte[] stream = ended(SseCorpus.STREAMS.get(i));
            for (byte[] response : List.of(
                    closeDelimited(stream), chunked(stream, 1), chunked(stream, 7), chunked(stream, stream.length))) {
                for (int first = 0; first <= response.length; first++) {
                    for (int second : new int[] {first, Math.min(response.length, first + 1), (first + response.length) / 2}) {
                        JsonNode found = throughHttp(response, first, second);
                        forgetIdsOfOtherBlocks(found, expected.get(i));
                        assertThat(found).as("stream %d cut at %d and %d", i, first, second).isEqualTo(expected.get(i));
                    }
                }
            }
        }
    }

    private static byte[] closeDelimited(byte[] stream) {
        var response = new ByteArrayOutputStream();
        response.writeBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
        response.writeBytes(stream);
        return response.toByteArray();
    }

    private static byte[] chunked(byte[] stream, int size) {
        var response = new ByteArrayOutputStream();
        response.writeBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(UTF_8));
        for (int from = 0; from < stream.length; from += size) {
            int length = Math.min(size, stream.length - from);
            response.writeBytes((Integer.toHexString(length) + ";x=y\r\n").getBytes(UTF_8));
            response.write(stream, from, length);
            response.writeBytes("\r\n".getBytes(UTF_8));
        }
        response.writeBytes("0\r\n\r\n".getBytes(UTF_8));
        return response.toByteArray();
    }

    private static JsonNode throughHttp(byte[] response, int... cuts) throws ProtocolException {
        var found = new Found();
        var scanner = new SseScanner(1 << 20);
        var listener = new HttpListener() {
            @Override
            public void onHead(HttpResponseDecoder head) {
                assertThat(head.status()).isEqualTo(200);
            }

            @Override
            public void onBody(byte[] bytes, int from, int to) throws ProtocolException {
                scanner.feed(bytes, from, to, found);
            }

            @Override
            public void onEnd() {
                // Nothing is judged here.
            }
        };
        var decoder = new HttpResponseDecoder();
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i < cuts.length ? cuts[i] : response.length;
            decoder.feed(response, from, to, listener);
            from = to;
        }
        assertThat(decoder.onClosed(listener)).isTrue();
        return found.all;
    }

    /** The scanner tells an id of a block without data, too, which the parser does not: it knows only the ids of blocks with data. */
    private static void forgetIdsOfOtherBlocks(JsonNode found, JsonNode expected) {
        for (int i = 0; i < found.size() && i < expected.size(); i++) {
            if (found.get(i).has("id") && expected.get(i).path("id").isNull()) {
                ((ObjectNode) found.get(i)).putNull("id");
            }
        }
    }

    /** Without node and npm the comparison is left out by name; on a build server, where nobody reads that, it fails. */
    private static void install() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        String missing = missing();
        if (missing != null) {
            String message = "left out: the comparison with " + PARSER + ", because " + missing;
            assertThat(System.getenv("CI")).as(message).isNotEqualTo("true");
            Assumptions.abort(message);
        }
        Files.copy(Path.of("src", "test", "resources", "oracle.mjs"), FOLDER.resolve("oracle.mjs"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static @org.jspecify.annotations.Nullable String missing() throws IOException, InterruptedException {
        if (Files.isDirectory(FOLDER.resolve("node_modules/eventsource-parser"))) {
            return succeeds("node", "--version") ? null : "there is no node";
        }
        if (!succeeds("node", "--version") || !succeeds("npm", "--version")) {
            return "there is no node or no npm";
        }
        return succeeds("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", FOLDER.toString(), PARSER)
                ? null
                : "npm could not install it";
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<JsonNode> ask(List<String> streams) throws IOException {
        Process node = new ProcessBuilder("node", "oracle.mjs")
                .directory(FOLDER.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread writer = Thread.startVirtualThread(() -> {
            try (var in = node.outputWriter(UTF_8)) {
                for (String stream : streams) {
                    in.write(Base64.getEncoder().encodeToString(ended(stream)) + "\n");
                }
            } catch (IOException e) {
                node.destroyForcibly();
            }
        });
        var answers = new ArrayList<JsonNode>();
        try (BufferedReader out = node.inputReader(UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                answers.add(new ObjectMapper().readTree(line));
            }
        }
        assertThat(writer.isAlive() && !node.isAlive()).isFalse();
        assertThat(answers).hasSameSizeAs(streams);
        return answers;
    }

    /** The parser takes a CR at the end of its input for half a line end: one LF more settles it for both. */
    private static byte[] ended(String stream) {
        return (stream + "\n").getBytes(UTF_8);
    }

    private static JsonNode scanned(String stream) throws ProtocolException {
        var found = new Found();
        byte[] bytes = ended(stream);
        new SseScanner(1 << 20).feed(bytes, 0, bytes.length, found);
        return found.all;
    }

    /** Events and reconnection times, written as the parser's are. */
    private static final class Found implements SseListener {
        private final ArrayNode all = new ObjectMapper().createArrayNode();
        private @org.jspecify.annotations.Nullable String id;

        @Override
        public void onId(byte[] value, int from, int to) {
            id = new String(value, from, to - from, UTF_8);
        }

        @Override
        public void onEvent(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo) {
            all.addObject()
                    .put("id", id)
                    .put("type", new String(type, typeFrom, typeTo - typeFrom, UTF_8))
                    .put("data", new String(data, dataFrom, dataTo - dataFrom, UTF_8));
            id = null;
        }

        @Override
        public void onRetry(long retryMillis) {
            all.addObject().put("retry", (int) retryMillis);
        }
    }
}
