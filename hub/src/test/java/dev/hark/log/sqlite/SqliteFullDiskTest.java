package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.fill;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.UnusableLogException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log on a disk that fills up, or that cannot be written. */
@Timeout(60)
class SqliteFullDiskTest {
    @TempDir
    Path folder;

    @Test
    void refusesReadsOnAndStoresAgainOnceThereIsRoom() throws Exception {
        try (Tools.Tmpfs disk = Tools.Tmpfs.mount(folder.resolve("disk"), "4m")) {
            Path database = disk.folder().resolve("hark.db");
            Path ballast = disk.folder().resolve("ballast");
            List<Event> stored;
            try (SqliteLog log = Logs.open(database)) {
                fill(log, 20);
                for (int round = 0; round < 3; round++) {
                    fillUp(ballast);
                    Append.Unavailable refusal = publishUntilRefused(log);
                    assertThat(refusal.why()).contains(database.toString()).contains("is full").contains("make room").doesNotContain("\n");
                    assertThat(Logs.trouble(log)).contains(refusal.why());
                    List<String> before = Logs.payloads(readAll(log, 0, ALL));
                    assertThat(before).as("every event that was acknowledged, and no other").hasSize((int) acknowledged);
                    log.maintain();
                    assertThat(Logs.trouble(log)).as("not before there is room").isPresent();

                    Files.delete(ballast);
                    await().untilAsserted(() -> {
                        log.maintain();
                        assertThat(Logs.trouble(log)).as("once there is room, without a restart").isEmpty();
                    });
                    publish(log, "there is room");
                    assertThat(Logs.payloads(readAll(log, 0, ALL))).hasSize((int) acknowledged).startsWith(before.toArray(String[]::new));
                }
                stored = readAll(log, 0, ALL);
            }
            try (SqliteLog log = Logs.open(database)) {
                assertThat(Logs.payloads(readAll(log, 0, ALL))).isEqualTo(Logs.payloads(stored));
            }
        }
    }

    @Test
    void isNotOpenedOnADiskThatCannotBeWritten() throws Exception {
        try (Tools.Tmpfs disk = Tools.Tmpfs.mount(folder.resolve("disk"), "8m")) {
            Path database = disk.folder().resolve("hark.db");
            try (SqliteLog log = Logs.open(database)) {
                fill(log, 3);
            }
            disk.remount("ro");
            for (Path path : List.of(database, disk.folder().resolve("new.db"), disk.folder().resolve("new").resolve("hark.db"))) {
                assertThatThrownBy(() -> Logs.open(path))
                        .isInstanceOf(UnusableLogException.class)
                        .hasMessageContaining(path.toString())
                        .hasMessageContaining("writable")
                        .hasMessageNotContaining("\n");
            }
            disk.remount("rw");
            try (SqliteLog log = Logs.open(database)) {
                assertThat(readAll(log, 0, ALL)).hasSize(3);
            }
        }
    }

    private long acknowledged = 20;

    private Append publish(SqliteLog log, String data) {
        Append append = log.append(List.of(draft("a", data)));
        if (append instanceof Append.Stored) {
            acknowledged++;
        }
        return append;
    }

    private Append.Unavailable publishUntilRefused(SqliteLog log) {
        String data = "x".repeat(10_000);
        for (int i = 0; i < 1_000; i++) {
            if (publish(log, data) instanceof Append.Unavailable refusal) {
                return refusal;
            }
        }
        throw new AssertionError("a thousand large events were stored on a full disk");
    }

    private static void fillUp(Path ballast) throws Exception {
        FileStore store = Files.getFileStore(ballast.resolveSibling("hark.db"));
        Files.write(ballast, new byte[(int) store.getUsableSpace()]);
        assertThat(store.getUsableSpace()).isZero();
    }
}
