package dev.hark.log.jetstream;

import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.Snapshots;
import dev.hark.log.replicated.JournalState;
import dev.hark.thread.VitalThreads;
import io.nats.client.AuthenticationException;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A journal that is a stream of NATS JetStream. A group is one message, whose sequence is the position. Two threads of its own: {@code
 * hark-journal} gives entries to the follower, {@code hark-journal-watch} looks at the stream once a second. Thread-safe.
 *
 * <p>What an acknowledgement means is the servers' affair: a stream of three replicas has a group in the memory of two at least, and on
 * their disks as often as {@code sync_interval} says, which cannot be seen from here.
 */
public final class JetStreamJournal implements Journal {
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration LETTING_GO = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private static final System.Logger LOGGER = System.getLogger(JetStreamJournal.class.getName());

    private final JetStreamSettings settings;
    private final VitalThreads vital;
    private final Link link;
    private final StreamApi api;
    private final JetStreamSnapshots snapshots;
    private final Following following;
    private final Appends appends;
    private final Watch watch;
    private final RollCall rollCall;
    private final Thread watching;

    private int maxBytes;
    private @Nullable Thread followerThread;

    private JetStreamJournal(JetStreamSettings settings, VitalThreads vital) {
        this.settings = settings;
        this.vital = vital;
        link = new Link(settings);
        api = new StreamApi(link, settings);
        snapshots = new JetStreamSnapshots(link, settings);
        History history = new History(api, settings.stream(), snapshots);
        following = new Following(link, api, history, settings);
        appends = new Appends(link, api, settings, following);
        watch = new Watch(link, history, following, settings);
        rollCall = new RollCall(link, settings);
        watching = vital.unstarted("hark-journal-watch", watch);
    }

    /**
     * Connects, makes the stream where there is none, and checks it where there is.
     *
     * @param patience how long to wait for servers that are not there, or not ready, yet
     * @throws IOException in one sentence, if the servers or the stream are not as they have to be
     */
    public static JetStreamJournal open(JetStreamSettings settings, VitalThreads vital, Duration patience)
            throws IOException, InterruptedException {
        var journal = new JetStreamJournal(settings, vital);
        try {
            journal.start(System.nanoTime() + patience.toNanos());
            return journal;
        } catch (IOException | InterruptedException | RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private void start(long deadline) throws IOException, InterruptedException {
        while (true) {
            try {
                link.connect();
                prepare();
                watching.start();
                return;
            } catch (AuthenticationException e) {
                throw new IOException("NATS does not take these credentials: " + e.getMessage());
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

    private void prepare() throws IOException, InterruptedException {
        ServerInfo server = ServerCheck.requireFit(link, api, settings);
        maxBytes = ServerCheck.maxBytes(server, settings);
        List<String> differences = StreamCheck.differences(streamThere(server), settings);
        if (!differences.isEmpty()) {
            throw new UnfitException("the stream " + settings.stream() + " is not as configured: " + String.join("; ", differences));
        }
        ServerCheck.doubt(server).ifPresent(doubt -> LOGGER.log(System.Logger.Level.WARNING, doubt));
        LOGGER.log(System.Logger.Level.INFO, ServerCheck.FLUSHING);
    }

    private StreamInfo streamThere(ServerInfo server) throws IOException, InterruptedException {
        try {
            return api.info();
        } catch (StreamApi.RefusedException e) {
            if (!e.isNoStream()) {
                throw e;
            }
        }
        ServerCheck.requireEnough(server, settings);
        try {
            StreamInfo made = api.create(StreamCheck.wanted(settings));
            LOGGER.log(System.Logger.Level.INFO, "made the stream {0} with {1} replicas", settings.stream(), settings.replicas());
            return made;
        } catch (StreamApi.RefusedException e) {
            if (e.isNameInUse()) {
                return api.info();
            }
            throw e;
        }
    }

    @Override
    public int maxBytes() {
        return maxBytes;
    }

    @Override
    public String durability() {
        return "replicated-" + settings.replicas();
    }

    @Override
    public Extent extent() throws IOException {
        try {
            StreamInfo info = api.info();
            History.requireLed(info, settings.stream());
            return History.extent(info);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    @Override
    public Optional<Entry> entry(long position) throws IOException {
        try {
            return api.next(Math.max(1, position)).map(JetStreamJournal::entry);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static Entry entry(MessageInfo message) {
        byte[] data = message.getData();
        ZonedDateTime time = message.getTime();
        long millis = time == null ? 0 : time.toInstant().toEpochMilli();
        return new Entry(message.getSeq(), History.id(message), millis, data == null ? new byte[0] : data);
    }

    @Override
    public Appended append(String id, byte[] group, Duration patience) throws InterruptedException {
        return append(OptionalLong.empty(), id, group, patience);
    }

    @Override
    public Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
        return append(OptionalLong.of(last), id, group, patience);
    }

    private Appended append(OptionalLong last, String id, byte[] group, Duration patience) throws InterruptedException {
        if (group.length > maxBytes) {
            return new Appended.Refused("a group of " + group.length + " bytes is larger than " + maxBytes);
        }
        return appends.append(last, id, group, patience);
    }

    @Override
    public Optional<Snapshots> snapshots() {
        return Optional.of(snapshots);
    }

    @Override
    public void trim(long position) throws IOException {
        try {
            StreamInfo info = api.info();
            // Beyond its end the servers would remove all, and go on from there.
            if (!History.isLed(info) || position > History.extent(info).last()) {
                throw new IOException("the stream " + settings.stream() + " does not hold " + position + ", or nobody is sure of it");
            }
            api.purge(position);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    @Override
    public synchronized void follow(long after, @Nullable String id, Follower follower) {
        if (followerThread != null) {
            throw new IllegalStateException("a journal is followed once");
        }
        following.begin(new History.Place(after, id));
        followerThread = vital.unstarted("hark-journal", () -> following.run(follower));
        followerThread.start();
    }

    @Override
    public Optional<String> trouble() {
        return link.why().or(watch::trouble).or(following::trouble).or(appends::trouble);
    }

    @Override
    public Optional<JournalState> state() {
        return watch.state();
    }

    @Override
    public void answerRollCall(Supplier<byte[]> answer) {
        rollCall.answerWith(answer);
    }

    @Override
    public List<byte[]> callRoll(Duration patience) throws IOException, InterruptedException {
        return rollCall.call(patience);
    }

    @Override
    public void close() {
        following.close();
        watch.close();
        Thread follower;
        synchronized (this) {
            follower = followerThread;
        }
        if (follower != null) {
            follower.interrupt();
        }
        watching.interrupt();
        // It lets go of its consumer, for which it needs the connection; what hangs ends with that.
        join(follower, LETTING_GO, false);
        link.close();
        join(follower, CLOSE_PATIENCE, true);
        join(watching, CLOSE_PATIENCE, true);
    }

    private static void join(@Nullable Thread thread, Duration patience, boolean isLast) {
        if (thread == null || !thread.isAlive() || thread.equals(Thread.currentThread())) {
            return;
        }
        try {
            if (!thread.join(patience) && isLast) {
                LOGGER.log(System.Logger.Level.WARNING, "the thread {0} has not ended for {1}", thread.getName(), patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while the journal was asked");
    }
}
