package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.jspecify.annotations.Nullable;

/**
 * Fails a test during which a hub or its server logs at WARNING or above: what a client does wrong is no accident of the hub. What tests
 * beside it use may say what it likes. A class that has it reads the resource {@link #LOG}; one that has a hub of its own log such things
 * writes it, so that the two never run at once.
 */
public final class SilentLog extends Handler implements BeforeEachCallback, AfterEachCallback {
    /** What the whole process logs, as a resource that classes of tests lock. */
    public static final String LOG = "dev.hark.log-of-the-process";

    private static final List<String> OF_A_HUB = List.of("dev.hark.", "io.helidon.");

    private final List<String> warnings = new CopyOnWriteArrayList<>();

    @Override
    public void beforeEach(ExtensionContext test) {
        warnings.clear();
        Logger.getLogger("").addHandler(this);
    }

    @Override
    public void afterEach(ExtensionContext test) {
        Logger.getLogger("").removeHandler(this);
        assertThat(warnings).as("logged at WARNING and above").isEmpty();
    }

    @Override
    public void publish(LogRecord record) {
        String logger = String.valueOf(record.getLoggerName());
        boolean isHubs = OF_A_HUB.stream().anyMatch(logger::startsWith);
        if (isHubs && record.getLevel().intValue() >= Level.WARNING.intValue()) {
            @Nullable Throwable thrown = record.getThrown();
            warnings.add(logger + ": " + record.getMessage() + (thrown == null ? "" : " " + thrown));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
