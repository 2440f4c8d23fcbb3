package dev.hark.log.replicated;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A journal whose entries bear the time of the test's clock, when they come. */
public record ClockedJournal(Journal journal, InstantSource clock) implements Journal {
    @Override
    public int maxBytes() {
        return journal.maxBytes();
    }

    @Override
    public String durability() {
        return journal.durability();
    }

    @Override
    public Extent extent() throws IOException {
        return journal.extent();
    }

    @Override
    public Optional<Entry> entry(long position) throws IOException {
        return journal.entry(position).map(this::clocked);
    }

    private Entry clocked(Entry entry) {
        return new Entry(entry.position(), entry.id(), clock.millis(), entry.group());
    }

    @Override
    public Appended append(String id, byte[] group, Duration patience) throws InterruptedException {
        return journal.append(id, group, patience);
    }

    @Override
    public Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
        return journal.appendAfter(last, id, group, patience);
    }

    @Override
    public void follow(long after, @Nullable String id, Follower follower) {
        journal.follow(after, id, new Follower() {
            @Override
            public void take(Entry entry) throws InterruptedException {
                follower.take(clocked(entry));
            }

            @Override
            public void lost(String why) {
                follower.lost(why);
            }
        });
    }

    @Override
    public Optional<Snapshots> snapshots() {
        return journal.snapshots();
    }

    @Override
    public void trim(long position) throws IOException {
        journal.trim(position);
    }

    @Override
    public Optional<JournalState> state() {
        return journal.state();
    }

    @Override
    public Optional<String> trouble() {
        return journal.trouble();
    }

    @Override
    public void answerRollCall(Supplier<byte[]> answer) {
        journal.answerRollCall(answer);
    }

    @Override
    public List<byte[]> callRoll(Duration patience) throws IOException, InterruptedException {
        return journal.callRoll(patience);
    }

    @Override
    public void close() {
        journal.close();
    }
}
