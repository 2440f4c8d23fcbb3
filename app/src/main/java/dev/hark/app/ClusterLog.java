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
    private static final System.Logger LOGGER = System.getLogger(ClusterLog.class.getName());

    /** How long a start waits for servers that are not there yet: nodes and servers may be started together. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private ClusterLog() {}

    /** @throws UnusableLogException with one sentence for the operator */
    static ReplicatedLog open(LogSettings log, InstantSource clock, VitalThreads vital) {
        JetStreamSettings settings = settings(log.cluster());
        SqliteReplica replica = SqliteReplica.open(log.replica(), new SecureRandom(), vital);
        try {
            return open(log, settings, replica, clock, vital);
        } catch (UnusableLogException e) {
            if (!replica.isDamaged()) {
                throw e;
            }
            LOGGER.log(System.Logger.Level.WARNING, e.getMessage());
            // It is made anew now.
            return open(log, settings, SqliteReplica.open(log.replica(), new SecureRandom(), vital), clock, vital);
        }
    }

    private static ReplicatedLog open(
            LogSettings log, JetStreamSettings settings, SqliteReplica replica, InstantSource clock, VitalThreads vital) {
        ClusterSettings.Snapshots snapshots = log.cluster().snapshots();
        String version = Optional.ofNullable(ClusterLog.class.getPackage().getImplementationVersion()).orElse("(unpackaged)");
        return ReplicatedLog.open(
                () -> open(settings, vital), replica, log.config().stall(), clock, new SecureRandom(), vital,
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
