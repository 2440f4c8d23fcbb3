package dev.hark.app.cluster;

/** What can go wrong in a cluster. */
enum Fault {
    NODE_KILLED,
    ALL_NODES_KILLED,
    NODE_HANGS,
    LEADER_KILLED,
    SERVER_KILLED,
    ALL_SERVERS_KILLED,
    /** All nodes and all servers. */
    EVERYTHING_KILLED,
    SERVER_HANGS,
    NODE_CUT_OFF,
    SERVERS_CUT_APART,
    REPLICA_REMOVED,
    REPLICA_DAMAGED,
    /** From yesterday. */
    REPLICA_PUT_BACK,
    /** A node's wall clock goes on from another time, while it runs. */
    CLOCK_SET,
    STREAM_DELETED,
    STREAM_MADE_ANEW,
    STREAM_PURGED,
    /** Where the only node that goes on is one that lacks some of it, and the others hang with all of it. */
    STREAM_PURGED_BEHIND_A_NODE,
    /** With all that the servers keep, from yesterday. */
    STREAM_PUT_BACK;

    /** Whether it takes away what was acknowledged. */
    boolean isDestruction() {
        return switch (this) {
            case STREAM_DELETED, STREAM_MADE_ANEW, STREAM_PURGED, STREAM_PURGED_BEHIND_A_NODE, STREAM_PUT_BACK -> true;
            case NODE_KILLED, ALL_NODES_KILLED, NODE_HANGS, LEADER_KILLED, SERVER_KILLED, ALL_SERVERS_KILLED, EVERYTHING_KILLED,
                    SERVER_HANGS, NODE_CUT_OFF, SERVERS_CUT_APART, REPLICA_REMOVED, REPLICA_DAMAGED, REPLICA_PUT_BACK, CLOCK_SET -> false;
        };
    }
}
