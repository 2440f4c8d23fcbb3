package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged program, in a process of its own. */
@Timeout(120)
class ProgramIT {
    private static final long END_SECONDS = 60;

    /** A build in the background has Ctrl-C ignored, and its children inherit that. */
    private static final String HEARS_INTERRUPTS =
            "env --default-signal=INT true 2>/dev/null && exec env --default-signal=INT \"$@\"; ";

    @TempDir
    Path folder;

    @Test
    void explainsItselfWhenBare() throws IOException, InterruptedException {
        Process program = start("");
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor()).isZero();
        assertThat(printed.lines().count()).isBetween(5L, 10L);
    }

    @Test
    void reportsWhatItHasWhenItIsInterrupted() throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            Process program = start(HEARS_INTERRUPTS, "fanout", "--url", hub.url(), "-n", "20", "--rate", "50/s", "--settle", "50ms",
                    "--warmup", "0s", "--measure", "300s", "--json-lines", "--out", folder.toString());
            BufferedReader out = program.inputReader(StandardCharsets.UTF_8);
            String line = out.readLine();
            while (line != null && !line.contains("\"phase\":\"measuring\"")) {
                line = out.readLine();
            }
            assertThat(line).isNotNull();
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(program.pid())).start().waitFor()).isZero();
            out.lines().forEach(each -> {});
            assertThat(program.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
            var report = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
            assertThat(report.get("ending").asText()).isEqualTo("interrupted");
            assertThat(report.at("/metrics/delivered").asInt()).isPositive();
            assertThat(report.at("/metrics/silentLoss").asInt()).isZero();
            assertThat(folder.resolve("report.html")).isNotEmptyFile();
        }
    }

    @Test
    void saysThatItMayOpenNoMoreFiles() throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            // The JVM raises its soft limit to the hard one: both are lowered.
            Process program = start("ulimit -n 120; ", "fanout", "--url", hub.url(), "-n", "500", "--warmup", "0s", "--measure", "1s");
            String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).as(printed).isEqualTo(ExitCode.INVALID);
            assertThat(printed).contains("ulimit -n").contains("streams did not start");
        }
    }

    /** Nothing of the server can be known where this process may not even open its own streams. */
    @ParameterizedTest
    @ValueSource(strings = {
        "find-capacity --from 500 --to 500", "churn --cycles 500 --at-once 500", "catch-up -n 500 --behind 1 --timeout 3s"
    })
    void saysThatThisMachineWasTheLimitOf(String command) throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            var arguments = new ArrayList<>(List.of(command.split(" ")));
            arguments.addAll(List.of("--url", hub.url()));
            Process program = start("ulimit -n 80; ", arguments.toArray(String[]::new));
            String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).as(printed).isEqualTo(ExitCode.INVALID);
            assertThat(printed).contains("ulimit -n");
        }
    }

    /** A generator that may open 150 files cannot say what a server holds. */
    @Tag("long")
    @Test
    void saysThatTheGeneratorWasTheLimitOfASearch() throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            Process program = start("ulimit -n 150; ", "find-capacity", "--url", hub.url(), "--from", "40", "--to", "320", "--rate", "20/s",
                    "--settle", "0s", "--warmup", "0s", "--measure", "400ms", "--drain", "1s",
                    "--expect", "silentLoss==0", "--out", folder.toString());
            String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).as(printed).isEqualTo(ExitCode.INVALID);
            assertThat(printed).contains("generator-bound");
            var report = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
            assertThat(report.get("bound").asText()).isEqualTo("generator");
            assertThat(report.get("capacity").asInt()).isLessThan(150);
        }
    }

    /** In a network of its own with ten ports on each of its addresses; the null hub of calibrate lives there, too. */
    @Test
    void saysThatNoPortIsFree() throws IOException, InterruptedException {
        if (new ProcessBuilder("unshare", "-Urn", "ip", "link", "set", "lo", "up").redirectErrorStream(true).start().waitFor() != 0) {
            Assumptions.abort("left out: running out of ports, because no network namespace can be made here");
        }
        // The streams are what takes the ports: events would only be waited for.
        Process program = start(
                "exec unshare -Urn sh -c 'ip link set lo up; echo 40000 40009 >/proc/sys/net/ipv4/ip_local_port_range;"
                        + " exec \"$@\"' sh \"$@\"; ",
                "calibrate", "--no-report", "-n", "1000", "--rate", "0/s", "--settle", "0s", "--warmup", "0s", "--measure", "100ms");
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(printed).isEqualTo(ExitCode.INVALID);
        assertThat(printed).contains("no local port is free").contains("ip_local_port_range");
    }

    @Test
    void saysThatTheUrlIsWrong() throws IOException {
        CommandLineRun nowhere = CommandLineRun.of(
                "fanout", "--url", "http://no-such-host.invalid", "-n", "5", "--warmup", "0s", "--measure", "1s");
        assertThat(nowhere.code()).as(nowhere.printed()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(nowhere.printed()).contains("is the URL right").contains("no-such-host.invalid");
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> answerAll(server, "404 Not Found"));
            CommandLineRun wrongPath = CommandLineRun.of(
                    "fanout", "--url", "http://127.0.0.1:" + server.getLocalPort(), "-n", "5", "--warmup", "0s", "--measure", "1s");
            assertThat(wrongPath.code()).as(wrongPath.printed()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(wrongPath.printed()).contains("status 404").contains("not with what was asked for");
        }
    }

    @Test
    void saysThatTheServerWantsCredentials() throws IOException {
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> answerAll(server, "401 Unauthorized"));
            CommandLineRun run = CommandLineRun.of(
                    "fanout", "--url", "http://127.0.0.1:" + server.getLocalPort(), "-n", "5", "--warmup", "0s", "--measure", "1s");
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(run.printed()).contains("--token").contains("status 401");
        }
    }

    /** A console error would mean that a chart is missing, and nobody looks at every chart. */
    @Test
    void drawsItsReportInABrowserWithoutAnError() throws IOException, InterruptedException {
        Path chromium = Path.of("/usr/bin/chromium");
        if (!Files.isExecutable(chromium)) {
            assertThat(System.getenv("CI")).as("left out: the report in a browser, because there is no " + chromium).isNotEqualTo("true");
            Assumptions.abort("left out: the report in a browser, because there is no " + chromium);
        }
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = CommandLineRun.of(
                    "fanout", "--url", hub.url(), "-n", "20", "--rate", "50/s", "--settle", "50ms", "--warmup", "0s", "--measure", "2s",
                    "--drop-all", "--correctness-only", "--server-pid", Long.toString(ProcessHandle.current().pid()),
                    "--out", folder.toString());
            assertThat(run.code()).isZero();
            String page = drawn(chromium, folder);
            assertThat(page).contains("<b>holds</b>").contains("Latency heat map", "Completion and spread", "Reconnects", "Laggards",
                    "The server", "The generator itself", "per delivery");
            assertThat(page).as("what is flat").doesNotContain("<h2>Losses</h2>").containsPattern("nothing but zero in them: [^.]*Losses");
            assertThat(page.split("<canvas").length - 1).isBetween(9, 12);
            assertThat(page).doesNotContain("<th></th>", "<th scope=\"col\"></th>");
            Path search = folder.resolve("search");
            CommandLineRun found = CommandLineRun.of(
                    "find-capacity", "--url", hub.url(), "--from", "5", "--to", "10", "--rate", "50/s", "--settle", "0s", "--warmup", "0s",
                    "--measure", "200ms", "--server-pid", Long.toString(ProcessHandle.current().pid()), "--out", search.toString());
            assertThat(found.code()).as(found.printed()).isIn(ExitCode.HOLDS, ExitCode.INVALID);
            String capacity = drawn(chromium, search);
            assertThat(capacity).contains("find-capacity on ", "<h2>Levels</h2>", "Delivery p99", "The server's memory");
            assertThat(capacity.split("<canvas").length - 1).isEqualTo(5);
        }
    }

    /** The page of a report as a browser makes it. */
    private String drawn(Path chromium, Path report) throws IOException, InterruptedException {
        Process browser = new ProcessBuilder(
                        chromium.toString(), "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                        "--user-data-dir=" + folder.resolve("profile"), "--virtual-time-budget=5000", "--dump-dom",
                        report.resolve("report.html").toUri().toString())
                .redirectError(report.resolve("browser.log").toFile())
                .start();
        String page = new String(browser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(browser.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(report.resolve("browser.log"), StandardCharsets.ISO_8859_1)).doesNotContain("CONSOLE");
        return page;
    }

    private static Process start(String before, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"), "-jar",
                Path.of("target", "hark-load.jar").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(
                        java.util.stream.Stream.concat(
                                java.util.stream.Stream.of("sh", "-c", before + "exec \"$@\"", "sh"), command.stream()).toList())
                .redirectErrorStream(true)
                .start();
    }

    private static void answerAll(ServerSocket server, String status) {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.startVirtualThread(() -> {
                    try (socket) {
                        byte[] request = new byte[4096];
                        if (socket.getInputStream().read(request) > 0) {
                            String answer = "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                        }
                    } catch (IOException e) {
                        // The client has seen enough.
                    }
                });
            }
        } catch (IOException e) {
            // The test is over.
        }
    }
}
