package dev.hark.log.replicated;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A journal whose entries bear the time of the test's clock, when they come. */
public record ClockedJournal(Journal journal, InstantSource clock) implements ForwardingJournal {
    @Override
    public Optional<Entry> entry(long position) throws IOException {
        return journal.entry(position).map(this::clocked);
    }

    private Entry clocked(Entry entry) {
        return new Entry(entry.position(), entry.id(), clock.millis(), entry.group());
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
}
