package dev.hark.fanout;

/** A subscriber's place in a {@link SubscriberSet}, so that leaving costs no search. Confined to the lane. */
final class Membership {
    final SubscriberSet set;
    int index;

    Membership(SubscriberSet set, int index) {
        this.set = set;
        this.index = index;
    }
}
