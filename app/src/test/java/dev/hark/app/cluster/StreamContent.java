package dev.hark.app.cluster;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * All groups of the stream, to be written again in another way: as if it had never been another one. The first one, which begins the
 * history, stays.
 *
 * @param groups as they stand, from the first position on
 */
record StreamContent(List<byte[]> groups) {
    private static final String ID = "Nats-Msg-Id";
    private static final String BUCKET = "OBJ_" + NatsServers.STREAM + "-snapshots";

    /** What comes before a group's batches, and where in it stands of which kind it is: as the format of groups says. */
    private static final int HEAD_BYTES = 12;
    private static final int KIND_AT = 3;
    private static final byte TIME = 1;

    StreamContent {
        groups = List.copyOf(groups);
    }

    static StreamContent read(JetStreamManagement streams) throws IOException, JetStreamApiException {
        long last = streams.getStreamInfo(NatsServers.STREAM).getStreamState().getLastSequence();
        var groups = new ArrayList<byte[]>();
        for (long position = 1; position <= last; position++) {
            groups.add(streams.getMessage(NatsServers.STREAM, position).getData());
        }
        return new StreamContent(groups);
    }

    /** Which one has {@code data} in it. */
    int indexOf(String data) {
        for (int i = 0; i < groups.size(); i++) {
            if (new String(groups.get(i), StandardCharsets.ISO_8859_1).contains(data)) {
                return i;
            }
        }
        throw new AssertionError("no group has " + data);
    }

    /** In the place of the one with {@code data} one that says nothing. */
    StreamContent without(String data) {
        byte[] empty = Arrays.copyOf(groups.get(indexOf(data)), HEAD_BYTES);
        empty[KIND_AT] = TIME;
        return with(indexOf(data), empty);
    }

    /** The place of the last one before that with {@code data} which says nothing but how late it is; -1 where there is none. */
    int timeBefore(String data) {
        return IntStream.range(0, indexOf(data)).filter(i -> groups.get(i)[KIND_AT] == TIME).max().orElse(-1);
    }

    /** The one with {@code data} once more, in the place {@code index}. */
    StreamContent withAgain(String data, int index) {
        return with(index, groups.get(indexOf(data)));
    }

    private StreamContent with(int index, byte[] group) {
        var changed = new ArrayList<>(groups);
        changed.set(index, group);
        return new StreamContent(changed);
    }

    /** Each of the two in the other one's place. */
    StreamContent withSwapped(String data, String other) {
        return with(indexOf(data), groups.get(indexOf(other))).with(indexOf(other), groups.get(indexOf(data)));
    }

    /** Makes the stream anew with these; no node may run, and none may have a replica. */
    void write(Connection connection) throws IOException, JetStreamApiException {
        JetStreamManagement streams = connection.jetStreamManagement();
        StreamInfo before = streams.getStreamInfo(NatsServers.STREAM);
        MessageInfo first = streams.getMessage(NatsServers.STREAM, 1);
        String begun = Objects.requireNonNull(first.getHeaders(), "of a node's group").getFirst(ID);
        StreamConfiguration same = before.getConfiguration();
        streams.deleteStream(NatsServers.STREAM);
        if (streams.getStreamNames().contains(BUCKET)) {
            streams.deleteStream(BUCKET);
        }
        streams.addStream(same);
        for (int i = 0; i < groups.size(); i++) {
            // As if all of them were one node's, in this order: whatever comes before its last one would be passed over.
            String id = i == 0 ? begun : "planted-" + i;
            connection.jetStream().publish(first.getSubject(), new Headers().add(ID, id), groups.get(i));
        }
    }
}
