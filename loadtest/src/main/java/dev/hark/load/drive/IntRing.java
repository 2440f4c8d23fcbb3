package dev.hark.load.drive;

/** A bounded queue of ints. Confined to one thread. */
final class IntRing {
    private final int[] items;
    private int head;
    private int size;

    IntRing(int capacity) {
        items = new int[capacity];
    }

    boolean offer(int item) {
        if (size == items.length) {
            return false;
        }
        items[(head + size++) % items.length] = item;
        return true;
    }

    int remove() {
        if (size == 0) {
            throw new IllegalStateException("the ring is empty");
        }
        int item = items[head];
        head = (head + 1) % items.length;
        size--;
        return item;
    }

    /** The item at a place of the queue, from 0. */
    int get(int index) {
        return items[(head + index) % items.length];
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == items.length;
    }
}
