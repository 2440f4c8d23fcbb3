package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.config.TimeSpan;
import dev.hark.event.EventId;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Filters;
import dev.hark.log.sqlite.tools.ExportSink;
import dev.hark.log.sqlite.tools.ExportStart;
import dev.hark.log.sqlite.tools.ExportedEvent;
import dev.hark.log.sqlite.tools.LogFile;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark log export}: the log as lines of JSON. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = {
            "Writes the events of the log as lines of JSON: id, time, topic, type, key (where there is one), data,"
                    + " end (where it is the last of its topic), and deleted (where it takes back those of its topic and key).",
            "Changes nothing. Works while a hub has the log open, and on a copy. What is damaged is left out, and said."
        },
        footer = {
            "",
            "Examples: hark log export events.ndjson",
            "          hark log export --since 1h --topic 'orders/**' | jq -r .data",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 there is no log, or it cannot be read, or FILE cannot be written,"
                    + " 3 something was damaged or removed meanwhile and left out."
        })
final class LogExportCommand implements Callable<Integer> {
    private static final int BUFFER_BYTES = 64 << 10;

    @Mixin
    private final LogOptions options;

    @Option(names = "--since", paramLabel = "POINT", defaultValue = "earliest",
            description = "Where to start: earliest (default), an id, a time such as 2026-01-31T08:00:00Z, or a time back such as 10m.")
    private String since;

    @Option(names = "--topic", paramLabel = "FILTER",
            description = "Only what this matches; * is any segment, ** at the end is any rest. Repeatable.")
    private List<String> topics = new ArrayList<>();

    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = "-", description = "A new file; - or none: standard output.")
    private String target;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    LogExportCommand(Shell shell) {
        this.shell = shell;
        this.options = new LogOptions(shell);
    }

    @Override
    public Integer call() {
        Filters filters = filters();
        ExportStart start = start();
        Path path = options.path(options.load());
        try (LogFile file = LogFile.open(path);
                OutputStream out = new BufferedOutputStream(open(), BUFFER_BYTES);
                var lines = new Lines(out)) {
            long count = file.export(start, filters, lines);
            if (!isStandardOutput()) {
                shell.note(String.format(Locale.ROOT, "exported %,d %s to %s", count, count == 1 ? "event" : "events", target));
            }
            return lines.left ? ExitCode.DAMAGED : ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--since is '" + since + "': " + e.getMessage(), e);
        } catch (FileAlreadyExistsException e) {
            shell.warn("the file " + target + " exists, and is left as it is; name a new one");
            return ExitCode.REFUSED;
        } catch (IOException e) {
            if (isStandardOutput()) {
                // HarkCommand says it, and makes it a failure, unless it is that whoever read it, such as head, has had enough.
                return ExitCode.OK;
            }
            shell.warn("cannot write " + target + ": " + e.getClass().getSimpleName() + ' ' + e.getMessage());
            return ExitCode.REFUSED;
        }
    }

    private Filters filters() {
        try {
            return topics.isEmpty() ? Filters.ALL : Filters.of(topics.toArray(String[]::new));
        } catch (InvalidEventException e) {
            throw new ParameterException(spec.commandLine(), "--topic: " + e.getMessage(), e);
        }
    }

    private ExportStart start() {
        if (since.equals("earliest")) {
            return new ExportStart.Oldest();
        }
        Optional<EventId> id = EventId.parse(since);
        if (id.isPresent()) {
            return new ExportStart.After(inTheLog(id.get()));
        }
        try {
            Optional<Duration> back = TimeSpan.parse(since);
            Instant from = back.isPresent() ? Instant.now().minus(back.get()) : Instant.parse(since);
            return new ExportStart.Time(from.toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), "--since is '" + since
                    + "'; earliest, an id, a time such as 2026-01-31T08:00:00Z and a time back such as 10m, 1d or PT10M are allowed", e);
        }
    }

    /** An id within a snapshot says what of it a client was given, which is not where the log goes on. */
    private EventId inTheLog(EventId id) {
        if (id.isWithinSnapshot()) {
            throw new ParameterException(spec.commandLine(), "--since is '" + since + "', which is within a snapshot of newest events;"
                    + " the log goes on behind the snapshot after " + id.epoch() + '-' + id.sequence());
        }
        return id;
    }

    private boolean isStandardOutput() {
        return target.equals("-");
    }

    private OutputStream open() throws IOException {
        if (!isStandardOutput()) {
            // Never over another file: it may be the only backup.
            return Files.newOutputStream(shell.directory().resolve(target), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        return new FilterOutputStream(shell.out()) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                shell.out().write(bytes, from, length);
                if (shell.out().checkError()) {
                    throw new IOException("standard output cannot be written");
                }
            }

            @Override
            public void close() {
                shell.out().flush();
            }
        };
    }

    /** Lines of JSON. */
    private final class Lines implements ExportSink, AutoCloseable {
        private final OutputStream out;
        private final JsonGenerator json;
        private boolean left;

        Lines(OutputStream out) throws IOException {
            this.out = out;
            this.json = new ObjectMapper().createGenerator(out).setRootValueSeparator(null);
        }

        @Override
        public void event(ExportedEvent event) throws IOException {
            json.writeStartObject();
            json.writeStringField("id", event.id().toString());
            json.writeStringField("time", Instant.ofEpochMilli(event.timeMillis()).toString());
            json.writeStringField("topic", event.topic().value());
            json.writeStringField("type", event.type());
            key(event.key());
            json.writeStringField("data", new String(event.data(), StandardCharsets.UTF_8));
            switch (event.kind()) {
                case PLAIN -> {}
                case END -> json.writeBooleanField("end", true);
                case DELETED -> json.writeBooleanField("deleted", true);
            }
            json.writeEndObject();
            json.writeRaw('\n');
        }

        private void key(@Nullable String key) throws IOException {
            if (key != null) {
                json.writeStringField("key", key);
            }
        }

        @Override
        public void missing(String why) {
            left = true;
            shell.warn("left out: " + why);
        }

        @Override
        public void close() throws IOException {
            json.flush();
            out.flush();
        }
    }
}
