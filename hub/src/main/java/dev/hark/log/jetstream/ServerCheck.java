package dev.hark.log.jetstream;

import io.nats.client.AuthenticationException;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Whether servers of NATS, and a stream that is there, are as they have to be. Changes nothing. Stateless. */
public final class ServerCheck {
    /** What no server tells its clients. */
    public static final String FLUSHING = "No server of NATS says whether it has a group on disk before it acknowledges it."
            + " 'sync_interval: always' in its section jetstream has it do so; without that, what was acknowledged may be gone when all of"
            + " them lose power";

    private static final String OLDEST_VERSION = "2.9.0";
    /** Older ones are known to lose what they have acknowledged when they are killed. */
    private static final String OLDEST_GOOD_VERSION = "2.11.0";
    private static final Duration RETRY = Duration.ofMillis(250);

    private ServerCheck() {}

    /**
     * What was found.
     *
     * @param server      who answered
     * @param version     that server's
     * @param doubts      what is not good, though it works: sentences
     * @param isThere     whether there is the stream
     * @param groups      how many it holds
     * @param bytes       that those have
     * @param differences how it is something else than configured: parts of a sentence
     */
    public record Found(
            String server, String version, List<String> doubts, boolean isThere, long groups, long bytes, List<String> differences) {
        public Found {
            doubts = List.copyOf(doubts);
            differences = List.copyOf(differences);
        }
    }

    /**
     * Asks the servers of {@code settings}, and makes nothing.
     *
     * @param patience how long to wait for servers that are not there, or not ready
     * @throws UnfitException if they are there, and cannot be used
     * @throws IOException    in one sentence, if nobody answers
     */
    public static Found ask(JetStreamSettings settings, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        try (var link = new Link(settings)) {
            var api = new StreamApi(link, settings);
            while (true) {
                try {
                    link.connect();
                    return found(link, api, settings);
                } catch (AuthenticationException e) {
                    throw new UnfitException("NATS does not take these credentials: " + e.getMessage());
                } catch (UnfitException e) {
                    throw e;
                } catch (IOException e) {
                    if (System.nanoTime() - deadline >= 0) {
                        throw new IOException(link.why().orElse("JetStream at " + String.join(", ", settings.servers())
                                + " does not answer: " + e.getMessage()), e);
                    }
                }
                TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
            }
        }
    }

    private static Found found(Link link, StreamApi api, JetStreamSettings settings) throws IOException, InterruptedException {
        ServerInfo server = requireFit(link, api, settings);
        List<String> doubts = new ArrayList<>(doubt(server).stream().toList());
        try {
            StreamInfo stream = api.info();
            return new Found(StreamStates.name(server), server.getVersion(), doubts, true, stream.getStreamState().getMsgCount(),
                    stream.getStreamState().getByteCount(), StreamCheck.differences(stream, settings));
        } catch (StreamApi.RefusedException e) {
            if (e.isNoStream()) {
                requireEnough(server, settings);
                doubtWhetherEnough(server, settings).ifPresent(doubts::add);
                return new Found(StreamStates.name(server), server.getVersion(), doubts, false, 0, 0, List.of());
            }
            throw e;
        }
    }

    /** @throws UnfitException if {@code server} is certain to refuse to make the stream, because it is in no cluster */
    static void requireEnough(ServerInfo server, JetStreamSettings settings) throws UnfitException {
        String cluster = server.getCluster();
        if (settings.replicas() > 1 && (cluster == null || cluster.isEmpty())) {
            throw new UnfitException(StreamStates.name(server) + " is in no cluster, so no stream can be kept by " + settings.replicas()
                    + " servers (log.replicas): give the servers of NATS a section 'cluster', or set log.replicas to 1");
        }
    }

    /** Servers tell their clients of each other, unless they are told not to; one that is away is not among them. */
    private static Optional<String> doubtWhetherEnough(ServerInfo server, JetStreamSettings settings) {
        List<String> known = server.getConnectURLs();
        return known == null || known.isEmpty() || known.size() >= settings.replicas()
                ? Optional.empty()
                : Optional.of(StreamStates.name(server) + " knows of " + known.size() + (known.size() == 1 ? " server" : " servers")
                        + " of its cluster now, and the stream is to be kept by " + settings.replicas() + " (log.replicas)");
    }

    /** What is not good about {@code server}, though it works. */
    static Optional<String> doubt(ServerInfo server) {
        return server.isOlderThanVersion(OLDEST_GOOD_VERSION)
                ? Optional.of("nats-server " + server.getVersion() + " is old: use 2.11 or newer, because older ones are known to"
                        + " lose what they have acknowledged when they are killed")
                : Optional.empty();
    }

    /** How large a group may be there. */
    static int maxBytes(ServerInfo server, JetStreamSettings settings) {
        return (int) Math.min(settings.maxGroupBytes(), server.getMaxPayload() - JetStreamSettings.HEADER_BYTES);
    }

    /**
     * The server that there is a connection to.
     *
     * @throws UnfitException if it cannot be used
     * @throws IOException    if it does not say so now
     */
    static ServerInfo requireFit(Link link, StreamApi api, JetStreamSettings settings) throws IOException, InterruptedException {
        ServerInfo server = link.connection().getServerInfo();
        requireFit(server, settings);
        try {
            api.account();
        } catch (StreamApi.RefusedException e) {
            if (e.isNoJetStream()) {
                throw new UnfitException("JetStream is not enabled for this account of NATS: " + e.getMessage());
            }
            throw e;
        } catch (Link.NotSentException e) {
            if (!server.isJetStreamAvailable()) {
                throw new UnfitException("JetStream is not enabled at " + String.join(", ", settings.servers()));
            }
            throw e;
        }
        return server;
    }

    /** The same as far as {@code server} says it of itself. */
    static void requireFit(ServerInfo server, JetStreamSettings settings) throws UnfitException {
        String version = server.getVersion();
        if (server.isOlderThanVersion(OLDEST_VERSION)) {
            throw new UnfitException("nats-server " + version + " is too old: it has to be 2.9 at least, and 2.11 or newer is better");
        }
        if (maxBytes(server, settings) < settings.maxGroupBytes()) {
            throw new UnfitException("the servers take messages of at most " + server.getMaxPayload()
                    + " bytes (max_payload), and groups of " + settings.maxGroupBytes() + " bytes need "
                    + (settings.maxGroupBytes() + JetStreamSettings.HEADER_BYTES));
        }
    }
}
