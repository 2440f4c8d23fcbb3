package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Frames as somebody else's parser reads them: npm {@code eventsource-parser}, which is inside most of the clients that are not browsers.
 */
class FrameOracleTest {
    private static final String ORACLE = "eventsource-parser@3.1.1";
    private static final String EPOCH = "7k3q9x2m";
    private static final int CASES = 20_000;
    private static final long SEED = Long.getLong("hark.seed", 20261121L);

    private record Case(String type, String data, long sequence) {
        byte[] block() {
            return Frame.encode(EPOCH, sequence, type, data.getBytes(UTF_8)).bytes();
        }

        String expected() {
            return "0 " + base64(type) + ' ' + base64(EPOCH + '-' + sequence) + ' ' + base64(HostileText.withLineFeeds(data));
        }
    }

    @Test
    void readsWhatWasPublished() throws Exception {
        Path directory = oracleOrSkip();
        List<Case> cases = cases();
        Process node = new ProcessBuilder("node", "frame-oracle.mjs")
                .directory(directory.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            Thread writer = Thread.ofVirtual().start(() -> writeBlocks(node, cases));
            try (BufferedReader answers = node.inputReader(UTF_8)) {
                for (int i = 0; i < cases.size(); i++) {
                    assertThat(answers.readLine()).as("case %s of seed %s: %s", i, SEED, cases.get(i)).isEqualTo(cases.get(i).expected());
                }
            }
            writer.join();
            assertThat(node.waitFor(30, TimeUnit.SECONDS)).as("node ended").isTrue();
            assertThat(node.exitValue()).isZero();
        } finally {
            node.destroyForcibly();
        }
    }

    private static List<Case> cases() {
        var random = new SplittableRandom(SEED);
        List<String> types = List.of("message", "order.created", " leading", "data: x", ":", "id", "\u2028", "\uD83D\uDE00");
        var cases = new ArrayList<Case>();
        for (String unit : List.of("", "x", "\n", "\r", "\r\n", "\0", " ", "\u2028", "\uD83D\uDE00")) {
            cases.add(new Case("message", unit, 1));
            cases.add(new Case("message", unit.repeat((1 << 16) / Math.max(1, unit.getBytes(UTF_8).length)), 2));
        }
        while (cases.size() < CASES) {
            cases.add(new Case(types.get(random.nextInt(types.size())), HostileText.of(random), random.nextLong(1, Long.MAX_VALUE)));
        }
        return cases;
    }

    private static void writeBlocks(Process node, List<Case> cases) {
        try (BufferedWriter blocks = node.outputWriter(UTF_8)) {
            for (Case each : cases) {
                blocks.write(Base64.getEncoder().encodeToString(each.block()));
                blocks.write('\n');
            }
        } catch (IOException e) {
            // Node has gone; the reader sees the end of its answers and says which case was the last.
        }
    }

    private static String base64(String text) {
        return text.isEmpty() ? "-" : Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    /** A folder with the parser and our script; skips where there is no node or no registry, which a build server must not lack. */
    private static Path oracleOrSkip() throws IOException, InterruptedException {
        Path directory = Files.createDirectories(Path.of("target", "npm"));
        String missing = null;
        if (!run(directory, "node", "--version")) {
            missing = "node is missing";
        } else if (!isInstalled(directory)
                && !run(directory, "npm", "install", "--prefix", ".", "--no-save", "--no-audit", "--no-fund", ORACLE)) {
            missing = "npm cannot install " + ORACLE;
        }
        if (missing != null) {
            String message = missing + ": frames were not checked against an independent parser; FrameTest's own parser was the only one";
            if ("true".equals(System.getenv("CI"))) {
                fail(message);
            }
            Assumptions.abort(message);
        }
        try (InputStream script = FrameOracleTest.class.getResourceAsStream("frame-oracle.mjs")) {
            Files.write(directory.resolve("frame-oracle.mjs"), Objects.requireNonNull(script).readAllBytes());
        }
        return directory;
    }

    private static boolean isInstalled(Path directory) throws IOException {
        Path manifest = directory.resolve("node_modules/eventsource-parser/package.json");
        return Files.exists(manifest)
                && Files.readString(manifest).contains("\"version\": \"" + ORACLE.substring(ORACLE.indexOf('@') + 1) + '"');
    }

    private static boolean run(Path directory, String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
