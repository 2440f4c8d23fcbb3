package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.draft;

import dev.hark.log.Append;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A program with a log, which does what it reads: {@code publish}, {@code publish keyed}, {@code read}, {@code maintain} or
 * {@code ready}, and says what came of it.
 */
final class FailingFsync {
    private FailingFsync() {}

    public static void main(String[] arguments) throws IOException {
        try (SqliteLog log = Logs.open(Path.of(arguments[0]));
                var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("pid " + ProcessHandle.current().pid());
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                System.out.println(answer(log, command));
            }
        }
    }

    private static String inWords(Append append) {
        return switch (append) {
            case Append.Stored stored -> "stored " + stored.entries().getFirst().sequence();
            case Append.Unavailable(String why) -> "refused " + why;
            case Append.Unknown(String why) -> "unknown " + why;
            case Append.TooLarge tooLarge -> tooLarge.toString();
            case Append.KeyReused reused -> reused.toString();
            case Append.KeyInFlight inFlight -> inFlight.toString();
        };
    }

    private static String answer(SqliteLog log, String command) {
        return switch (command) {
            case "publish" -> inWords(log.append(List.of(draft("a", "x"))));
            case "publish keyed" -> inWords(log.append(List.of(draft("a", "x", "key"))));
            case "read" -> "read " + Logs.readAll(log, 0, ALL).size();
            case "maintain" -> {
                log.maintain();
                yield "maintained";
            }
            case "ready" -> Logs.trouble(log).orElse("ready");
            default -> throw new IllegalArgumentException(command);
        };
    }
}
