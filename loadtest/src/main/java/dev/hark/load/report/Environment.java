package dev.hark.load.report;

import dev.hark.load.measure.ServerWatch;
import dev.hark.load.measure.Unit;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where and how a run was made.
 *
 * @param command the command line that repeats it
 * @param finished when it ended
 * @param facts about machine and program, name by name
 * @param server about the server
 */
public record Environment(String command, Instant finished, Map<String, String> facts, ServerFacts server) {
    private static final Set<String> SECRETS = Set.of("--token", "--header", "--subscribe-header", "--publish-header", "--agents-token",
            "--publish-token");
    private static final Pattern SECRET_SETTING = Pattern.compile(
            "((?:--set=)?(?:target\\.(?:subscribe-|publish-)?headers|auth\\.(?:publish-)?token)=).*", Pattern.DOTALL);

    /** The environment of this process. */
    public static Environment here(List<String> arguments, ServerWatch watch) {
        var facts = new LinkedHashMap<String, String>();
        facts.put("machine", hostName());
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("processor", firstValue("/proc/cpuinfo", "model name"));
        facts.put("memory", memory(firstValue("/proc/meminfo", "MemTotal")));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", System.getProperty("java.vendor.version", "") + " " + Runtime.version());
        var server = ServerFacts.of(watch);
        server.version().ifPresent(version -> facts.put("server", version));
        return new Environment("hark-load " + String.join(" ", withoutSecrets(arguments).stream().map(Environment::quoted).toList()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS), facts, server);
    }

    /** A report is shown around: tokens and the values of headers stay out of it. */
    static List<String> withoutSecrets(List<String> arguments) {
        var shown = new ArrayList<String>(arguments.size());
        boolean isSecret = false;
        for (String argument : arguments) {
            String name = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
            if (isSecret) {
                shown.add("...");
            } else if (SECRETS.contains(name) && !name.equals(argument)) {
                shown.add(name + "=...");
            } else {
                shown.add(SECRET_SETTING.matcher(argument).replaceFirst("$1..."));
            }
            isSecret = !isSecret && SECRETS.contains(argument);
        }
        return shown;
    }

    private static String quoted(String argument) {
        return argument.matches("[A-Za-z0-9_./:=,%@+-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }

    /** As people write it; the kernel tells kilobytes. */
    private static String memory(String text) {
        return text.endsWith(" kB") ? Unit.BYTES.format(1024 * Double.parseDouble(text.substring(0, text.length() - 3))) : text;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String firstValue(String file, String name) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst().map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
