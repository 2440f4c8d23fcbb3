package dev.hark.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.measure.ServerWatch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerFactsTest {
    @TempDir
    Path folder;

    @Test
    void readsTheSpeedOfTheFastestNetwork() throws IOException {
        speed("eth0", "1000\n");
        speed("eth1", "10000\n");
        speed("veth", "-1\n");
        Files.createDirectory(folder.resolve("lo"));
        assertThat(ServerFacts.network(folder)).hasValue(10_000_000_000L);
    }

    @Test
    void knowsNoSpeedWhereTheSystemDoesNotTell() throws IOException {
        speed("eth0", "-1\n");
        assertThat(ServerFacts.network(folder)).isEmpty();
        assertThat(ServerFacts.network(folder.resolve("none"))).isEmpty();
    }

    private void speed(String name, String text) throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve(name)).resolve("speed"), text);
    }

    @Test
    void knowsTheMachineOnlyWhereItIsThisOne() {
        var here = new ServerWatch(OptionalLong.of(ProcessHandle.current().pid()), Optional.empty());
        assertThat(ServerFacts.of(here).processors()).hasValue(Runtime.getRuntime().availableProcessors());
        assertThat(ServerFacts.of(here).memoryBytes().orElseThrow()).isGreaterThan(1 << 20);
        var there = new ServerWatch(OptionalLong.empty(), Optional.of(URI.create("http://host.invalid:9090/metrics")));
        assertThat(ServerFacts.of(there)).isEqualTo(ServerFacts.NONE);
        assertThat(ServerFacts.of(ServerWatch.NONE)).isEqualTo(ServerFacts.NONE);
    }
}
