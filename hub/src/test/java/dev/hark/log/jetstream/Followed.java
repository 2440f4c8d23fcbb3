package dev.hark.log.jetstream;

import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Entry;
import dev.hark.log.replicated.Journal.Follower;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A follower that keeps what it is given. */
final class Followed implements Follower {
    private final List<Entry> entries = new ArrayList<>();
    private @Nullable String lost;

    @Override
    public synchronized void take(Entry entry) {
        entries.add(entry);
    }

    @Override
    public synchronized void lost(String why) {
        lost = why;
    }

    synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    synchronized int size() {
        return entries.size();
    }

    synchronized @Nullable String lost() {
        return lost;
    }

    List<String> texts() {
        return entries().stream().map(entry -> new String(entry.group(), StandardCharsets.UTF_8)).toList();
    }

    List<String> ids() {
        return entries().stream().map(Entry::id).toList();
    }

    List<Long> positions() {
        return entries().stream().map(Entry::position).toList();
    }

    void awaitSize(int count) {
        await("groups that are followed").atMost(Duration.ofSeconds(30)).until(() -> size() >= count);
    }

    String awaitLost() {
        return await("a lost history").atMost(Duration.ofSeconds(20)).until(this::lost, why -> why != null);
    }
}
