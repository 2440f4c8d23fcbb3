package dev.hark.app.http.wire;

import io.helidon.common.socket.PeerInfo;

/**
 * Room for what of a request's head goes beyond {@link #USUAL_BYTES}, from when it arrives until the request is answered. Confined to the
 * connection's thread.
 */
public interface HeadRoom {
    /** What every connection may hold of a head without asking: more than browsers and proxies send. */
    int USUAL_BYTES = 16 << 10;

    /** Where no head can be so long that it matters. */
    Source PLENTY = peer -> new HeadRoom() {
        @Override
        public boolean take(long bytes) {
            return true;
        }

        @Override
        public void giveBack() {}
    };

    /** Where connections have it from. Thread-safe. */
    @FunctionalInterface
    interface Source {
        /** For one head that comes from {@code peer}. */
        HeadRoom of(PeerInfo peer);
    }

    /** Takes room for so many bytes more; whether there was room. */
    boolean take(long bytes);

    /** Gives back all that was taken. */
    void giveBack();
}
