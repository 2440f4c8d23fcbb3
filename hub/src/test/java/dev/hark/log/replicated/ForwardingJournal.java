package dev.hark.log.replicated;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A journal in front of another one, which does all that is not done otherwise. */
public interface ForwardingJournal extends Journal {
    /** The other one. */
    Journal journal();

    @Override
    default int maxBytes() {
        return journal().maxBytes();
    }

    @Override
    default String durability() {
        return journal().durability();
    }

    @Override
    default Extent extent() throws IOException {
        return journal().extent();
    }

    @Override
    default Optional<Entry> entry(long position) throws IOException {
        return journal().entry(position);
    }

    @Override
    default Appended append(String id, byte[] group, Duration patience) throws InterruptedException {
        return journal().append(id, group, patience);
    }

    @Override
    default Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
        return journal().appendAfter(last, id, group, patience);
    }

    @Override
    default void follow(long after, @Nullable String id, Follower follower) {
        journal().follow(after, id, follower);
    }

    @Override
    default Optional<Snapshots> snapshots() {
        return journal().snapshots();
    }

    @Override
    default void trim(long position) throws IOException {
        journal().trim(position);
    }

    @Override
    default Optional<JournalState> state() {
        return journal().state();
    }

    @Override
    default void answerRollCall(Supplier<byte[]> answer) {
        journal().answerRollCall(answer);
    }

    @Override
    default List<byte[]> callRoll(Duration patience) throws IOException, InterruptedException {
        return journal().callRoll(patience);
    }

    @Override
    default Optional<String> trouble() {
        return journal().trouble();
    }

    @Override
    default void close() {
        journal().close();
    }
}
