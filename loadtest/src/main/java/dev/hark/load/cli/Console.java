package dev.hark.load.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.Unit;
import dev.hark.load.measure.Validity;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a person sees of a run that is on: on a terminal a block that is drawn again every second, elsewhere a line every five.
 *
 * <p>Confined to the thread that samples the run, but for {@link #close}, which comes when that thread has ended.
 */
final class Console implements AutoCloseable {
    private static final int LINE_EVERY_SECONDS = 5;
    private static final int BAR_WIDTH = 40;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** How progress is shown. */
    enum Style {
        BLOCK,
        LINES,
        JSON_LINES
    }

    private final PrintWriter out;
    private final Style style;
    private final double expectedSeconds;
    private int drawnLines;
    private int lastLine;
    private @Nullable Second last;

    Console(PrintWriter out, Style style, double expectedSeconds) {
        this.out = out;
        this.style = style;
        this.expectedSeconds = expectedSeconds;
    }

    /** Redraws if this process has a terminal, and nobody asked for plain output. */
    static Console on(PrintWriter out, FanoutPlan plan) {
        FanoutPlan.Phases phases = plan.phases();
        double seconds = phases.settle().plus(phases.warmup()).plus(phases.measure()).toNanos() / 1e9;
        boolean terminal = Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal).isPresent()
                && System.getenv("NO_COLOR") == null;
        return new Console(out, terminal ? Style.BLOCK : Style.LINES, seconds);
    }

    static Console jsonLines(PrintWriter out) {
        return new Console(out, Style.JSON_LINES, 0);
    }

    void show(Second second) {
        switch (style) {
            case BLOCK -> redraw(second);
            case LINES -> {
                if ((int) second.at() >= lastLine + LINE_EVERY_SECONDS) {
                    lastLine = (int) second.at();
                    out.println(line(second));
                }
            }
            case JSON_LINES -> out.println(json(second));
        }
        last = second;
    }

    private static String json(Second second) {
        try {
            return JSON.writeValueAsString(second);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a second cannot be written as JSON", e);
        }
    }

    private static String line(Second second) {
        Second.Counts counts = second.counts();
        return String.format(Locale.ROOT,
                "%4.0f s  %-10s  %,d streams, %,d failed, %,d ended · %,d published · %,d delivered, p99 %s"
                        + " · %,d skipped, %,d errors, %,d gaps",
                second.at(), second.phase(), counts.live(), counts.failed(), counts.ended(), counts.acknowledged(), counts.delivered(),
                Unit.NANOS.format(second.latency().p99()), counts.skipped(), counts.errors(), counts.gaps());
    }

    private void redraw(Second second) {
        List<String> lines = block(second);
        var text = new StringBuilder();
        if (drawnLines > 0) {
            text.append("\u001b[").append(drawnLines).append('A');
        }
        for (String line : lines) {
            text.append("\u001b[2K").append(line).append('\n');
        }
        drawnLines = lines.size();
        out.print(text);
        out.flush();
    }

    private List<String> block(Second second) {
        Second.Counts counts = second.counts();
        Second before = last;
        double wall = before == null ? second.at() : second.at() - before.at();
        long delivered = counts.delivered() - (before == null ? 0 : before.counts().delivered());
        long published = counts.acknowledged() - (before == null ? 0 : before.counts().acknowledged());
        int filled = (int) Math.clamp(BAR_WIDTH * second.at() / Math.max(1, expectedSeconds), 0, BAR_WIDTH);
        var lines = new ArrayList<String>();
        lines.add(String.format(
                Locale.ROOT, "  %s%s  %3.0f s  %s", "█".repeat(filled), "░".repeat(BAR_WIDTH - filled), second.at(), second.phase()));
        lines.add(String.format(Locale.ROOT, "  streams    %,10d up   %,7d failed   %,7d ended   %,7d resumed",
                counts.live(), counts.failed(), counts.ended(), counts.resumed()));
        lines.add(String.format(Locale.ROOT, "  published  %,10d      %,8.0f /s       %,8d refused", counts.acknowledged(),
                published / wall, counts.refused()));
        lines.add(String.format(Locale.ROOT, "  delivered  %,10d      %,8.0f /s", counts.delivered(), delivered / wall));
        lines.add(String.format("  delivery   p50 %s   p90 %s   p99 %s   max %s", Unit.NANOS.format(second.latency().p50()),
                Unit.NANOS.format(second.latency().p90()), Unit.NANOS.format(second.latency().p99()),
                Unit.NANOS.format(second.latency().max())));
        lines.add(String.format(
                Locale.ROOT, "  losses     %,10d skipped %,7d gaps     %,8d errors", counts.skipped(), counts.gaps(), counts.errors()));
        Second.Load load = second.load();
        String server = load.serverCores() < 0
                ? "server not watched"
                : "server " + Unit.CORES.format(load.serverCores()) + ", " + Unit.BYTES.format(load.serverBytes());
        lines.add("  cost       " + server + " · generator " + Unit.CORES.format(load.generatorCores()));
        lines.add("  validity   reader " + Unit.RATIO.format(load.readerBusy()) + " busy"
                + "   publisher " + Unit.NANOS.format(load.lateNanos()) + " late at most"
                + (Validity.isAtItsLimit(load) ? "   at its limit" : "   fine"));
        return lines;
    }

    @Override
    public void close() {
        out.flush();
    }
}
