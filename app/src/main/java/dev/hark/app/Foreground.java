package dev.hark.app;

import dev.hark.app.cli.Shell;
import dev.hark.app.config.Configuration;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings;
import dev.hark.log.UnusableLogException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A server in the foreground of a shell: says where it listens and what to try, and drains when it is told to end.
 */
final class Foreground {
    private static final int FAILED = 1;

    /** The hub was stopped, and something could not be ended in order. */
    private static final int LEFT_BEHIND = 5;

    /** A defect of ours (sysexits: EX_SOFTWARE). */
    private static final int DEFECT = 70;

    /** How long the end may take beside the time over which streams are told: more than all that it waits for, where everything hangs. */
    private static final Duration LAST_MOMENTS = Duration.ofSeconds(15);

    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Shell shell;

    Foreground(Shell shell) {
        this.shell = shell;
    }

    /**
     * Serves until SIGTERM or SIGINT, which end the process with 0 once the streams are closed, with {@value #LEFT_BEHIND}
     * where something could not be ended in order or a second signal came, with {@value #DEFECT} where a thread that the node
     * needs has died; returns only where it cannot start. SIGHUP has it read its configuration again, or ends it where its terminal
     * has gone.
     */
    int run(Configuration configuration) {
        HarkConfig config = configuration.config();
        Node server;
        try {
            server = Node.start(configuration);
        } catch (UnusableLogException e) {
            shell.warn("cannot start: " + e.getMessage());
            return FAILED;
        } catch (UncheckedIOException | IllegalStateException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            shell.warn("cannot start: " + cause.getMessage()
                    + " (data " + config.server().host() + ':' + config.server().port()
                    + ", admin " + config.admin().host() + ':' + config.admin().port() + ')');
            return FAILED;
        }
        server.onDeath(() -> {
            haltAfter(LAST_MOMENTS, DEFECT);
            shell.warn("a thread that the hub needs has died; the hub ends, to be started again");
            server.close();
            Runtime.getRuntime().halt(DEFECT);
        });
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("hark-drain").unstarted(() -> {
            Signals.on(Signals.END, () -> {
                lastWords("told a second time: ending at once, whoever is still connected");
                Runtime.getRuntime().halt(LEFT_BEHIND);
            });
            haltAfter(config.drainWindow().plus(LAST_MOMENTS), LEFT_BEHIND);
            int streams = server.hub().streams();
            shell.note("draining " + streams + (streams == 1 ? " stream" : " streams") + " over " + config.drainWindow().toSeconds()
                    + " s, then stopping");
            Optional<String> left = server.drain();
            shell.note(left.map(what -> "stopped, but something was left behind: " + what).orElse("stopped"));
            // A JVM that a signal ends says 143, which supervisors take for a failure. All that had to be done is done.
            Runtime.getRuntime().halt(left.isEmpty() ? 0 : LEFT_BEHIND);
        }));
        var terminal = Terminal.ofThisProcess();
        Signals.on(Signals.RELOAD, () -> {
            if (terminal.isGone()) {
                // Whoever started it has closed the window.
                System.exit(0);
            }
            server.reload("SIGHUP");
        });
        HeapNeed heap = server.heapNeed();
        greet(server.uri(), server.adminUri(), config, heap.inWords());
        heap.shortage().ifPresent(shell::warn);
        if (config.isOpenToOthers()) {
            shell.warn("everybody who reaches " + config.server().host() + ':' + server.uri().getPort() + " may publish and read, since"
                    + " auth.open is true; say in auth who may, or let a firewall or a proxy say who reaches it");
        }
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** Ends the process with {@code code} if nothing else has by then: what hangs must not keep it. */
    private void haltAfter(Duration limit, int code) {
        Thread.ofPlatform().daemon().name("hark-deadline").start(() -> {
            try {
                Thread.sleep(limit);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            try {
                lastWords("the hub did not stop within " + limit.toSeconds() + " s, and is ended");
            } finally {
                // Whatever keeps the hub may keep it from saying so.
                Runtime.getRuntime().halt(code);
            }
        });
    }

    /** Whoever reads what the hub says may be what hangs. */
    private void lastWords(String sentence) {
        try {
            Thread.ofPlatform().daemon().name("hark-last-words").start(() -> shell.warn(sentence)).join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String logInWords(LogSettings log) {
        return switch (log.kind()) {
            case MEMORY -> "in memory, and gone when the hub ends";
            case SQLITE -> log.path().toAbsolutePath().normalize() + " (" + log.durabilityName() + ")";
            case JETSTREAM -> "stream " + log.cluster().stream() + " of " + String.join(", ", log.cluster().servers()) + " ("
                    + log.durabilityName() + "), replica " + log.path().toAbsolutePath().normalize();
        };
    }

    private void greet(URI data, URI admin, HarkConfig config, String memory) {
        PrintStream out = shell.out();
        // Where a hub on every address can be asked from here.
        String here = data.toString().replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
        out.println();
        out.println("  " + bold("Hark") + " listens on " + green(data.toString()) + dim("   (health and metrics: " + admin + ")"));
        out.println();
        out.println("  Listen:   " + bold("curl -N " + here + "/topics/news"));
        out.println("  Publish:  " + bold("curl -d hi " + here + "/topics/news"));
        if (config.demo()) {
            out.println("  Look:     " + bold(here + "/demo/"));
        }
        out.println("  Log:      " + logInWords(config.log()));
        out.println("  Memory:   " + memory);
        out.println();
        out.println(dim("  Ctrl-C ends it; streams are told, and resume where they were."));
        out.println();
        out.flush();
    }

    private String bold(String text) {
        return styled("1", text);
    }

    private String green(String text) {
        return styled("1;32", text);
    }

    private String dim(String text) {
        return styled("2", text);
    }

    private String styled(String style, String text) {
        return shell.colour() ? "\u001B[" + style + 'm' + text + "\u001B[0m" : text;
    }
}
