package dev.hark.app.tls;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.reload.ReloadPart;
import io.helidon.common.tls.Tls;
import java.net.Socket;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of one listener, or that it has none: which of both is decided once, and what its handshakes use may be exchanged.
 * Thread-safe.
 */
public final class ListenerTls implements ReloadPart {
    private static final System.Logger LOGGER = System.getLogger(ListenerTls.class.getName());

    private final String section;
    private final Function<HarkConfig, Optional<TlsSettings>> settings;

    /** From which of this machine's ports the hub itself connects. */
    private final Set<Integer> own = ConcurrentHashMap.newKeySet();

    /** Null where there is no encryption. */
    private volatile @Nullable TlsMaterial material;

    private ListenerTls(String section, Function<HarkConfig, Optional<TlsSettings>> settings, @Nullable TlsMaterial material) {
        this.section = section;
        this.settings = settings;
        this.material = material;
    }

    /**
     * Reads the files that {@code config} names.
     *
     * @param section  of the configuration, such as {@code server.tls}
     * @param settings that section's
     * @throws ConfigException if one of the files cannot be used
     */
    public static ListenerTls of(String section, HarkConfig config, Function<HarkConfig, Optional<TlsSettings>> settings) {
        TlsMaterial material = settings.apply(config).map(TlsMaterial::read).orElse(null);
        warnOfDates(section, material);
        return new ListenerTls(section, settings, material);
    }

    @Override
    public Set<String> keys() {
        return Set.of(section);
    }

    /** Reads the files anew, whether or not their names have changed. */
    @Override
    public Prepared prepare(HarkConfig next) {
        TlsMaterial then = settings.apply(next).map(TlsMaterial::read).orElse(null);
        TlsMaterial now = material;
        if (now == null || then == null) {
            return new Prepared(() -> {}, Set.of(), now == null && then == null ? Set.of() : Set.of(section));
        }
        if (then.isAs(now)) {
            // With the sessions that it has.
            return Prepared.of(() -> {});
        }
        return new Prepared(() -> {
            material = then;
            warnOfDates(section, then);
        }, Set.of(section), Set.of());
    }

    /** Whether the listener is encrypted. */
    public boolean isOn() {
        return material != null;
    }

    /** What Helidon's listener is given; empty where it is not encrypted. */
    public Optional<Tls> forListener() {
        return isOn() ? Optional.of(Tls.builder().sslContext(new RenewableContext(this::required, this::isOwn)).build()) : Optional.empty();
    }

    /**
     * Has the listener ask no certificate of a connection of the hub's own, which looks whether clients are served and has none to show.
     *
     * @param connection bound, and not connected yet; it holds its port, so nobody else can come from there
     */
    public void admit(Socket connection) {
        own.add(connection.getLocalPort());
    }

    /** Takes that back, where the listener has not met the connection. */
    public void dismiss(Socket connection) {
        own.remove(connection.getLocalPort());
    }

    /** Whether it comes from this machine, and from a port that the hub itself holds; once for each that was admitted. */
    private boolean isOwn(Socket accepted) {
        return accepted.getInetAddress().equals(accepted.getLocalAddress()) && own.remove(accepted.getPort());
    }

    /** When the listener's certificate expires; empty where it has none. */
    public Optional<Instant> expiry() {
        return Optional.ofNullable(material).map(now -> now.certificate().getNotAfter().toInstant());
    }

    private TlsMaterial required() {
        TlsMaterial now = material;
        if (now == null) {
            throw new IllegalStateException(section + " is not given");
        }
        return now;
    }

    /** A certificate that is out of date is served all the same: what clients say of it is theirs, and others may pass over it. */
    private static void warnOfDates(String section, @Nullable TlsMaterial material) {
        if (material != null) {
            doubts(section, material).ifPresent(doubt -> LOGGER.log(System.Logger.Level.WARNING, doubt));
        }
    }

    /** What most clients will not accept of {@code material}, a sentence; empty where there is nothing of the kind. */
    public static Optional<String> doubts(String section, TlsMaterial material) {
        Instant now = Instant.now();
        Instant from = material.certificate().getNotBefore().toInstant();
        Instant until = material.certificate().getNotAfter().toInstant();
        String subject = section + ": the certificate of " + material.certificate().getSubjectX500Principal().getName();
        if (now.isAfter(until)) {
            return Optional.of(subject + " expired at " + until);
        }
        return now.isBefore(from) ? Optional.of(subject + " is not valid before " + from) : Optional.empty();
    }
}
