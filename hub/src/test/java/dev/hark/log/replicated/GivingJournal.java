package dev.hark.log.replicated;

import org.jspecify.annotations.Nullable;

/** A journal that asks before it gives an entry. */
record GivingJournal(Journal journal, Asked before) implements ForwardingJournal {
    /** May wait. */
    interface Asked {
        void ask() throws InterruptedException;
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
}
