package dev.hark.app;

import dev.hark.app.config.ClusterSettings;
import dev.hark.app.config.LogSettings;
import dev.hark.log.UnusableLogException;
import dev.hark.log.jetstream.JetStreamJournal;
import dev.hark.log.jetstream.JetStreamSettings;
import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.ReplicatedLog;
import dev.hark.log.replicated.SnapshotSettings;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From the configuration to the log of a node that shares it with others. Stateless. */
final class ClusterLog {
    /** How long a start waits for servers that are not there yet: nodes and servers may be started together. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private ClusterLog() {}

    /** @throws UnusableLogException with one sentence for the operator */
    static ReplicatedLog open(LogSettings log, InstantSource clock, VitalThreads vital) {
        JetStreamSettings settings = settings(log.cluster());
        var random = new SecureRandom();
        SqliteReplica replica = SqliteReplica.open(log.replica(), random, vital);
        ClusterSettings.Snapshots snapshots = log.cluster().snapshots();
        String version = Optional.ofNullable(ClusterLog.class.getPackage().getImplementationVersion()).orElse("(unpackaged)");
        return ReplicatedLog.open(
                () -> open(settings, vital), replica, log.config().stall(), clock, random, vital,
                SnapshotSettings.of(snapshots.every(), snapshots.bytes(), snapshots.margin(), version));
    }

    private static Journal open(JetStreamSettings settings, VitalThreads vital) {
        try {
            return JetStreamJournal.open(settings, vital, PATIENCE);
        } catch (IOException e) {
            throw new UnusableLogException("the log cannot be opened: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnusableLogException("interrupted before the log was opened", e);
        }
    }

    private static JetStreamSettings settings(ClusterSettings cluster) {
        try {
            return cluster.jetStream();
        } catch (IOException e) {
            throw new UnusableLogException(String.valueOf(e.getMessage()), e);
        }
    }
}
