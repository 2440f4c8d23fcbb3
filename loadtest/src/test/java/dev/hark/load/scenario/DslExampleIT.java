package dev.hark.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.RunReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/load-dsl.md, which is this file's. */
class DslExampleIT {
    private static final Path SOURCE = Path.of("src/test/java/dev/hark/load/scenario/DslExampleIT.java");

    @TempDir
    Path folder;

    private static RunReport example(String url, Path folder) throws IOException {
        // example begins
        RunReport storm = Scenario.named("storm")
                .url(url)
                .streams(200)
                .dropAll()
                .rate("20/s")
                .warmup("1s")
                .measure("3s")
                .expect("silentLoss==0")
                .expect("streams.away==0")
                .run();

        System.out.println(storm);
        storm.write(folder);
        // example ends
        return storm;
    }

    @Test
    void runsAndIsReadable() throws IOException {
        var printed = new ByteArrayOutputStream();
        PrintStream console = System.out;
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            RunReport storm = example(hub.url(), folder);
            // A busy machine makes it invalid, but not wrong.
            assertThat(storm.verdict().incorrect()).isEmpty();
            assertThat(storm.holds()).isEqualTo(storm.conclusion().equals("holds"));
            assertThat(storm.toString())
                    .contains("deliveries owed, none lost silently", "200 streams on 1 topic, 20/s", "silentLoss==0 (0)");
            assertThat(storm.toString().lines().count()).isLessThanOrEqualTo(18);
            // Other tests may print, too.
            assertThat(printed.toString(StandardCharsets.UTF_8)).contains(storm.toString());
        } finally {
            System.setOut(console);
        }
        assertThat(folder.resolve("report.html")).isNotEmptyFile();
    }

    @Test
    void isTheOneOnThePage() throws IOException {
        String source = Files.readString(SOURCE);
        String example = source.lines()
                .dropWhile(line -> !line.strip().equals("// example begins"))
                .skip(1)
                .takeWhile(line -> !line.strip().equals("// example ends"))
                .collect(Collectors.joining("\n"));
        assertThat(Files.readString(Path.of("../docs/load-dsl.md"))).contains("```java\n" + example.stripIndent() + "\n```");
    }
}
