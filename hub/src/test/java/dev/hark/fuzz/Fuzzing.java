package dev.hark.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Has Jazzer try each fuzz target of a module for a while, two targets at a time, and fails where one of them does.
 *
 * <p>A target is a class in the module's tests whose name ends with {@value #SUFFIX}, which has the method
 * {@code public static void fuzzerTestOneInput(byte[])}. It begins with the inputs that are kept for it, in
 * {@code src/test/resources/fuzz/<its name>}; those that it has found stay in {@code target/fuzz} until the next {@code clean}.
 *
 * <p>The arguments: how many seconds each has, what chance begins with (0 for another one each time), and the class path. Started in the
 * module's folder. Optionally the names of some targets.
 */
public final class Fuzzing {
    private static final String SUFFIX = "FuzzTest";
    private static final Path CLASSES = Path.of("target", "test-classes");
    private static final Path WORK = Path.of("target", "fuzz");
    private static final Path KEPT = Path.of("src", "test", "resources", "fuzz");

    /** The hub's own, and the library that reads tokens; with all others the start alone would take as long as a run. */
    private static final String INSTRUMENTED = "dev.hark.**:com.nimbusds.**";

    /** Of inputs that took ten seconds, as the first do on a busy machine. */
    private static final String SLOW = "slow-unit-";

    /** One for each processor of the machines that tests run on. */
    private static final int AT_ONCE = 2;

    /** Beyond the time for which a target is tried: to start, and to end. */
    private static final long SLACK_SECONDS = 120;

    /** An input that takes longer is a finding: much longer than any should, because the first ones load classes on a busy machine. */
    private static final int INPUT_SECONDS = 30;

    private final int seconds;
    private final int seed;
    private final String classPath;

    private Fuzzing(int seconds, int seed, String classPath) {
        this.seconds = seconds;
        this.seed = seed;
        this.classPath = classPath;
    }

    /** Ends with 1 where a target fails. */
    public static void main(String[] args) throws IOException, InterruptedException {
        var fuzzing = new Fuzzing(Integer.parseInt(args[0]), Integer.parseInt(args[1]), args[2]);
        List<String> wanted = List.of(args).subList(3, args.length);
        List<String> targets = targets().stream().filter(name -> wanted.isEmpty() || wanted.contains(simpleName(name))).toList();
        if (targets.isEmpty()) {
            System.err.println("no fuzz target in " + CLASSES.toAbsolutePath());
            System.exit(1);
        }
        System.exit(fuzzing.run(targets) ? 0 : 1);
    }

    private static List<String> targets() throws IOException {
        try (Stream<Path> classes = Files.walk(CLASSES)) {
            return classes.map(file -> CLASSES.relativize(file).toString())
                    .filter(file -> file.endsWith(SUFFIX + ".class"))
                    .map(file -> file.substring(0, file.length() - ".class".length()).replace(File.separatorChar, '.'))
                    .sorted()
                    .toList();
        }
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }

    private boolean run(List<String> targets) throws InterruptedException {
        boolean passed = true;
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<String>> runs = targets.stream().<Callable<String>>map(target -> () -> fuzz(target)).toList();
            for (Future<String> run : workers.invokeAll(runs)) {
                try {
                    String failure = run.get();
                    passed &= failure.isEmpty();
                    System.err.print(failure);
                } catch (ExecutionException e) {
                    passed = false;
                    System.err.println(e.getCause());
                }
            }
        }
        return passed;
    }

    /** What to say of a target that fails; empty where it holds. */
    private String fuzz(String target) throws IOException, InterruptedException {
        String name = simpleName(target);
        Path folder = WORK.resolve(name);
        Path found = Files.createDirectories(folder.resolve("corpus"));
        Path crashes = Files.createDirectories(folder.resolve("crashes"));
        Path log = folder.resolve("log.txt");
        // In a minute, a compiler that takes its time is not worth it.
        var command = new ArrayList<String>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", classPath, "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target, "--instrumentation_includes=" + INSTRUMENTED, "--custom_hook_includes=" + INSTRUMENTED,
                "--reproducer_path=" + folder,
                "-max_total_time=" + seconds, "-seed=" + seed, "-timeout=" + INPUT_SECONDS, "-rss_limit_mb=0",
                "-print_final_stats=1",
                "-artifact_prefix=" + crashes + File.separator,
                found.toString()));
        Path kept = KEPT.resolve(name);
        if (Files.isDirectory(kept)) {
            command.add(kept.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            if (!process.waitFor(seconds + SLACK_SECONDS, TimeUnit.SECONDS)) {
                return "%n%s did not end; see %s%n".formatted(name, log.toAbsolutePath());
            }
        } finally {
            process.destroyForcibly();
        }
        List<String> said = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        if (process.exitValue() == 0) {
            List<String> stats = said.stream().filter(line -> line.matches("stat::(number_of_executed_units|new_units_added).*"))
                    .map(line -> line.substring("stat::".length()).replaceAll("\\s+", " ")).toList();
            System.out.println(name + ": " + String.join(", ", stats));
            return "";
        }
        return failure(name, crashes, said);
    }

    /** The stack trace, and the inputs: as they are to be kept, and to be read. */
    private static String failure(String name, Path crashes, List<String> said) throws IOException {
        var text = new StringBuilder("%n%s fails:%n".formatted(name));
        int begin = said.size();
        while (begin > 0 && !said.get(begin - 1).startsWith("== ")) {
            begin--;
        }
        int trace = said.indexOf(said.stream().filter(line -> line.startsWith("== Java Exception")).findFirst().orElse(""));
        said.subList(trace >= 0 ? trace : Math.max(0, begin - 60), said.size()).forEach(line -> text.append(line).append('\n'));
        try (Stream<Path> inputs = Files.list(crashes)) {
            for (Path input : inputs.filter(file -> !file.getFileName().toString().startsWith(SLOW)).sorted().toList()) {
                text.append("keep %s in %s, mend what it shows: Base64 %s%n".formatted(
                        input.toAbsolutePath(), KEPT.resolve(name), Base64.getEncoder().encodeToString(Files.readAllBytes(input))));
            }
        }
        return text.toString();
    }
}
