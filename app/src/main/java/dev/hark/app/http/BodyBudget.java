package dev.hark.app.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes of bodies there may be in memory at once, over all requests: of what has arrived of those that are still being sent, and
 * of those that the log has not stored yet. Thread-safe.
 */
final class BodyBudget {
    /* Two pools, so that large bodies cannot take all: a body is in the one for small ones as long as it is small and there is room, and in
       the other one otherwise. In each, one address has at most half, so that one client alone leaves room for the others; but a body that
       is alone, of all or of its address, gets what it needs of what is free. */

    /** What a batch takes while it is parsed is several times its body. */
    private static final int HEAP_SHARE = 8;

    /** What part of it is kept for small bodies. */
    private static final int RESERVE_SHARE = 4;

    /** What part of a pool one address may take. */
    private static final int ADDRESS_SHARE = 2;

    /** A body of no more than this is small. */
    static final int SMALL_BYTES = 16 << 10;

    /** As what it counts at most, with what the pieces take that it came in. */
    private static final int SMALL_HELD_BYTES = SMALL_BYTES + 2_048;

    private final Pool small;
    private final Pool large;

    /** @param bytes of all bodies together */
    BodyBudget(long bytes) {
        this.small = new Pool(bytes / RESERVE_SHARE);
        this.large = new Pool(bytes - bytes / RESERVE_SHARE);
    }

    /** A share of the largest heap that the process may have. */
    static BodyBudget ofHeap() {
        return new BodyBudget(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** A body that is about to arrive from {@code address}. */
    Body expect(String address) {
        return new Body(address);
    }

    /** How many bytes have arrived and are held. */
    long taken() {
        return small.taken() + large.taken();
    }

    /** What has arrived of one body. Confined to its request's thread. */
    final class Body implements AutoCloseable {
        private final String address;
        private Pool pool = small;
        private long bytes;

        private Body(String address) {
            this.address = address;
        }

        /** Whether there would be room for {@code length} bytes now, be it that nobody takes them yet. */
        boolean fits(long length) {
            return (length <= SMALL_BYTES && small.fits(address, length, 0)) || large.fits(address, length, 0);
        }

        /** Takes room for {@code length} bytes more, until it is closed; whether there was room. */
        boolean grow(long length) {
            if (pool == small && bytes + length <= SMALL_HELD_BYTES && small.take(address, length, bytes)) {
                bytes += length;
                return true;
            }
            return pool == small ? move(length) : growLarge(length);
        }

        private boolean growLarge(long length) {
            if (large.take(address, length, bytes)) {
                bytes += length;
                return true;
            }
            return false;
        }

        private boolean move(long length) {
            if (!large.take(address, bytes + length, 0)) {
                return false;
            }
            small.giveBack(address, bytes);
            pool = large;
            bytes += length;
            return true;
        }

        long bytes() {
            return bytes;
        }

        /** Gives back what it took. */
        @Override
        public void close() {
            pool.giveBack(address, bytes);
            bytes = 0;
        }
    }

    /** Room for bodies, and who has how much of it. */
    private static final class Pool {
        private final long size;

        @GuardedBy("this")
        private long taken;

        /** Of those who have any. */
        @GuardedBy("this")
        private final Map<String, Long> byAddress = new HashMap<>();

        Pool(long size) {
            this.size = size;
        }

        synchronized long taken() {
            return taken;
        }

        /** @param own how much of it the body that asks has already */
        synchronized boolean fits(String address, long length, long own) {
            long others = taken - own;
            if (others == 0) {
                return true;
            }
            if (taken + length > size) {
                return false;
            }
            long ofAddress = byAddress.getOrDefault(address, 0L);
            return ofAddress == own || ofAddress + length <= size / ADDRESS_SHARE;
        }

        synchronized boolean take(String address, long length, long own) {
            if (!fits(address, length, own)) {
                return false;
            }
            taken += length;
            byAddress.merge(address, length, Long::sum);
            return true;
        }

        synchronized void giveBack(String address, long length) {
            taken -= length;
            byAddress.computeIfPresent(address, (key, had) -> had == length ? null : had - length);
        }
    }
}
