package dev.hark.log.jetstream;

import dev.hark.log.replicated.JournalState;
import dev.hark.log.replicated.JournalState.Copy;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.Replica;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From what NATS says of a stream to what a journal says of itself. Stateless. */
final class StreamStates {
    private StreamStates() {}

    /**
     * @param asked  the server that said so
     * @param server to which there is a connection now; null where there is none
     */
    static JournalState of(String stream, StreamInfo info, @Nullable ServerInfo asked, @Nullable ServerInfo server, Duration age) {
        StreamState state = info.getStreamState();
        ZonedDateTime last = state.getMsgCount() == 0 ? null : state.getLastTime();
        return new JournalState(stream, server == null ? "" : name(server), server == null ? "" : server.getVersion(),
                History.extent(info), last == null ? 0 : last.toInstant().toEpochMilli(), state.getByteCount(),
                info.getConfiguration().getReplicas(), copies(info, asked), age);
    }

    /** Servers that are alone need not have a name: then it is their id. */
    static String name(ServerInfo server) {
        String name = server.getServerName();
        return name == null || name.isEmpty() ? String.valueOf(server.getServerId()) : name;
    }

    private static List<Copy> copies(StreamInfo info, @Nullable ServerInfo asked) {
        ClusterInfo cluster = info.getClusterInfo();
        var all = new ArrayList<Copy>();
        if (cluster == null || cluster.getLeader() == null) {
            if (asked != null) {
                all.add(new Copy(name(asked), true, true, 0));
            }
            return all;
        }
        all.add(new Copy(cluster.getLeader(), true, true, 0));
        if (cluster.getReplicas() != null) {
            for (Replica each : cluster.getReplicas()) {
                all.add(new Copy(each.getName(), false, !each.isOffline(), each.getLag()));
            }
        }
        return all;
    }
}
