package dev.hark.load.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.measure.ServerProbe;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.wire.ServerUrl;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The server and the machine that it ran on, as far as they can be seen from here.
 *
 * @param version what the server says it is
 * @param processors of its machine, where that is this one
 * @param memoryBytes the same
 * @param networkBits what the fastest network of its machine carries a second, where the system says it
 */
public record ServerFacts(Optional<String> version, OptionalInt processors, OptionalLong memoryBytes, OptionalLong networkBits) {
    /** Of a server that nobody looked at. */
    public static final ServerFacts NONE =
            new ServerFacts(Optional.empty(), OptionalInt.empty(), OptionalLong.empty(), OptionalLong.empty());

    /** Of a server that is, or was until now, seen in this way. */
    public static ServerFacts of(ServerWatch watch) {
        Optional<String> version = watch.probe().flatMap(ServerProbe::version);
        if (!isHere(watch)) {
            return new ServerFacts(version, OptionalInt.empty(), OptionalLong.empty(), OptionalLong.empty());
        }
        return new ServerFacts(
                version, OptionalInt.of(Runtime.getRuntime().availableProcessors()), memory(Path.of("/proc/meminfo")),
                network(Path.of("/sys/class/net")));
    }

    private static boolean isHere(ServerWatch watch) {
        return !watch.pids().isEmpty()
                || watch.metricsPages().stream().findFirst().flatMap(ServerUrl::of)
                        .map(page -> page.host().matches("localhost|127\\..*|\\[::1]")).orElse(false);
    }

    private static OptionalLong memory(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("MemTotal:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Linux tells megabits a second, and -1 or an error where a network has no speed. */
    static OptionalLong network(Path folder) {
        long fastest = 0;
        try (DirectoryStream<Path> networks = Files.newDirectoryStream(folder)) {
            for (Path each : networks) {
                fastest = Math.max(fastest, speed(each.resolve("speed")));
            }
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        return fastest > 0 ? OptionalLong.of(fastest * 1_000_000) : OptionalLong.empty();
    }

    private static long speed(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    void write(ObjectNode into) {
        version.ifPresent(text -> into.put("version", text));
        processors.ifPresent(count -> into.put("processors", count));
        memoryBytes.ifPresent(bytes -> into.put("memoryBytes", bytes));
        networkBits.ifPresent(bits -> into.put("networkBits", bits));
    }
}
