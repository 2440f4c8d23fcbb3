package dev.hark.app.cli;

import dev.hark.log.SteadyClock;
import dev.hark.thread.VitalThreads;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings;
import dev.hark.event.Draft;
import dev.hark.log.Append;
import dev.hark.log.ClassUse;
import dev.hark.log.EventLog;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.SqliteSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hark log import}: what was exported, stored again. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = {
            "Stores the events of lines of JSON, as 'hark log export' writes them, at the end of the log, in their order."
                    + " topic and data are needed, type, key, end and deleted may be there; id and time are passed over, and so is the"
                    + " data where deleted is true: the events get new ids,"
                    + " because sequence numbers are never used twice, and the time of the import, because times in a log never go back.",
            "No hub may have the log open. All lines are checked first: where one is wrong, nothing is stored."
        },
        footer = {
            "",
            "Example: hark log import events.ndjson",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 a line is wrong, or the log is open in a hub or cannot be written"
                    + " (it says which and why)."
        })
final class LogImportCommand implements Callable<Integer> {
    /* Two readings of one file: the first finds what is wrong, so that the second can only fail where the log itself does. */

    private static final long MAX_BATCH_BYTES = 1 << 20;
    private static final int MAX_BATCH_EVENTS = 1_000;

    @Mixin
    private final LogOptions options;

    @Option(names = "--skip", paramLabel = "N", defaultValue = "0",
            description = "Passes over the first N lines, which an import that failed half-way has stored.")
    private long skip;

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = "-", description = "Lines of JSON; - or none: standard input.")
    private String source;

    private final Shell shell;

    LogImportCommand(Shell shell) {
        this.shell = shell;
        this.options = new LogOptions(shell);
    }

    @Override
    public Integer call() throws IOException {
        HarkConfig config = options.load();
        if (!source.equals("-")) {
            return read(config, shell.directory().resolve(source));
        }
        // Standard input can be read only once.
        Path copy = Files.createTempFile("hark-import", ".ndjson");
        try {
            Files.copy(shell.in(), copy, StandardCopyOption.REPLACE_EXISTING);
            return read(config, copy);
        } finally {
            Files.delete(copy);
        }
    }

    private int read(HarkConfig config, Path file) {
        try {
            try (ImportLines lines = lines(config, file)) {
                while (lines.next()) {
                    // Only to see that each can be read.
                }
            }
            return store(config, file);
        } catch (ImportLines.WrongLineException e) {
            shell.warn(e.getMessage() + "; nothing was stored");
            return ExitCode.REFUSED;
        } catch (NoSuchFileException e) {
            shell.warn("there is no file " + source);
            return ExitCode.REFUSED;
        } catch (IOException e) {
            shell.warn("cannot read " + source + ": " + e.getClass().getSimpleName() + ' ' + e.getMessage());
            return ExitCode.REFUSED;
        }
    }

    private ImportLines lines(HarkConfig config, Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        return new ImportLines(in, config.limits().eventBytes());
    }

    private int store(HarkConfig config, Path file) throws IOException, ImportLines.WrongLineException {
        if (config.log().kind() == LogSettings.Kind.JETSTREAM) {
            throw new ConfigException("log.kind is 'jetstream': what is to be imported is published to a node, for all nodes"
                    + " (docs/cluster.md, \"From one node to several\")");
        }
        Path path = options.path(config);
        boolean created = !Files.exists(path);
        var settings = new SqliteSettings(path, config.log().durability(), config.log().config());
        try (SqliteLog log = SqliteLog.open(settings, SteadyClock.ofSystem(), new SecureRandom(), new VitalThreads());
                ImportLines lines = lines(config, file)) {
            if (created) {
                shell.note("made a new log at " + path);
            }
            var stored = new Stored(log);
            while (lines.next()) {
                if (lines.number() > skip) {
                    stored.add(lines.draft(), lines.number());
                }
            }
            stored.flush();
            log.maintain();
            return report(stored, log, path);
        }
    }

    private int report(Stored stored, EventLog log, Path path) {
        if (stored.count == 0 && stored.unstored == 0 && stored.refusal.isEmpty()) {
            shell.note("there was no event to store");
            return ExitCode.OK;
        }
        if (stored.count > 0) {
            shell.out().println(String.format(
                    Locale.ROOT, "stored %,d %s in %s: %s-%d to %s-%d", stored.count, stored.count == 1 ? "event" : "events",
                    path, log.tail().epoch(), stored.first, log.tail().epoch(), stored.last));
        }
        if (stored.unstored > 0) {
            shell.warn(String.format(Locale.ROOT, "left out %,d %s of topics of which the configuration keeps nothing",
                    stored.unstored, stored.unstored == 1 ? "event" : "events"));
        }
        for (ClassUse kept : log.kept()) {
            if (kept.lost() >= stored.first && stored.count > 0) {
                String which = kept.topicClass().number() == 0 ? "log.retention" : "the rule for '" + kept.topicClass().name() + "'";
                shell.warn(which + " keeps only what came after " + log.tail().epoch() + '-' + kept.lost()
                        + ": a part of the import is gone again");
            }
        }
        if (stored.refusal.isEmpty()) {
            return ExitCode.OK;
        }
        shell.warn(stored.refusal + "; go on with --skip " + Math.max(skip, stored.through) + " once that is mended");
        return ExitCode.REFUSED;
    }

    /** Batches on their way into a log, up to the first that it refuses. */
    private static final class Stored {
        private final EventLog log;
        private final List<Draft> batch = new ArrayList<>();
        private long batchBytes;
        private long line;
        private long count;
        private long unstored;
        private long first;
        private long last;
        private long through;
        private String refusal = "";

        Stored(EventLog log) {
            this.log = log;
        }

        void add(Draft draft, long number) {
            if (!log.tail().classes().of(draft.topic().value()).keep().isStored()) {
                // It would have a position, and be gone with this process.
                unstored++;
                return;
            }
            batch.add(draft);
            batchBytes += draft.data().length;
            line = number;
            if (batch.size() == MAX_BATCH_EVENTS || batchBytes >= MAX_BATCH_BYTES) {
                flush();
            }
        }

        void flush() {
            if (!batch.isEmpty() && refusal.isEmpty()) {
                switch (log.append(List.copyOf(batch))) {
                    case Append.Stored(var entries) -> {
                        first = count == 0 ? entries.getFirst().sequence() : first;
                        last = entries.getLast().sequence();
                        count += entries.size();
                        through = line;
                    }
                    case Append.Unavailable(var why) -> refusal = why;
                    case Append.Unknown(var why) -> refusal = why + "; the last batch may be stored or not";
                    case Append.TooLarge tooLarge -> throw new AssertionError("a log of a single node takes what fits into memory");
                    case Append.KeyReused reused -> throw new AssertionError("there are no idempotency keys here");
                    case Append.KeyInFlight inFlight -> throw new AssertionError("there are no idempotency keys here");
                }
            }
            batch.clear();
            batchBytes = 0;
        }
    }
}
