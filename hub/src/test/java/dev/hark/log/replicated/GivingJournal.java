package dev.hark.log.replicated;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A journal that asks before it gives an entry. */
record GivingJournal(Journal journal, Asked before) implements Journal {
    /** May wait. */
    interface Asked {
        void ask() throws InterruptedException;
    }

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
        return journal.entry(position);
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
                before.ask();
                follower.take(entry);
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
    public void answerRollCall(Supplier<byte[]> answer) {
        journal.answerRollCall(answer);
    }

    @Override
    public List<byte[]> callRoll(Duration patience) throws IOException, InterruptedException {
        return journal.callRoll(patience);
    }

    @Override
    public Optional<String> trouble() {
        return journal.trouble();
    }

    @Override
    public void close() {
        journal.close();
    }
}
