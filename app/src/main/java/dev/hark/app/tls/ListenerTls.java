package dev.hark.app.tls;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.TlsSettings;
import io.helidon.common.tls.Tls;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The encryption of one listener, or that it has none: which of both is decided once, and what its handshakes use may be exchanged.
 * Thread-safe.
 */
public final class ListenerTls {
    private static final System.Logger LOGGER = System.getLogger(ListenerTls.class.getName());

    private final String section;

    /** Null where there is no encryption. */
    private volatile @Nullable TlsMaterial material;

    private ListenerTls(String section, @Nullable TlsMaterial material) {
        this.section = section;
        this.material = material;
    }

    /**
     * Reads the files that {@code settings} name.
     *
     * @param section of the configuration, such as {@code server.tls}
     * @throws ConfigException if one of them cannot be used
     */
    public static ListenerTls of(String section, Optional<TlsSettings> settings) {
        var tls = new ListenerTls(section, settings.map(TlsMaterial::read).orElse(null));
        tls.warnOfDates();
        return tls;
    }

    /** Whether the listener is encrypted. */
    public boolean isOn() {
        return material != null;
    }

    /** What Helidon's listener is given; empty where it is not encrypted. */
    public Optional<Tls> forListener() {
        return isOn() ? Optional.of(Tls.builder().sslContext(new RenewableContext(this::required)).build()) : Optional.empty();
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
    private void warnOfDates() {
        TlsMaterial now = material;
        if (now != null) {
            doubts(section, now).ifPresent(doubt -> LOGGER.log(System.Logger.Level.WARNING, doubt));
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
