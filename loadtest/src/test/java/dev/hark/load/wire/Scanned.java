package dev.hark.load.wire;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Everything that a scanner reported, in order, as text that can be compared. */
final class Scanned implements SseListener {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void onId(byte[] id, int from, int to) {
        lines.add("id " + text(id, from, to));
    }

    @Override
    public void onEvent(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo) {
        lines.add("event [" + text(type, typeFrom, typeTo) + "] " + text(data, dataFrom, dataTo));
    }

    @Override
    public void onRetry(long retryMillis) {
        lines.add("retry " + retryMillis);
    }

    List<String> lines() {
        return lines;
    }

    static List<String> whole(byte[] stream) {
        return inPieces(stream, stream.length);
    }

    static List<String> inPieces(byte[] stream, int... cuts) {
        var scanned = new Scanned();
        var scanner = new SseScanner(1 << 20);
        var buffer = new byte[stream.length];
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? cuts[i] : stream.length;
                // One buffer for all reads, as in the loop: a range that outlives its read would show.
                System.arraycopy(stream, from, buffer, 0, to - from);
                scanner.feed(buffer, 0, to - from, scanned);
                java.util.Arrays.fill(buffer, (byte) '#');
                from = to;
            }
        } catch (ProtocolException e) {
            scanned.lines.add("refused " + e.getMessage());
        }
        return scanned.lines;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
