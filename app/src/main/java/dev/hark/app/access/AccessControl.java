package dev.hark.app.access;

import dev.hark.Hub;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.access.Credentials.Credential;
import dev.hark.app.access.SharedTickets.Holder;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.KeySettings;
import dev.hark.app.config.Rights;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides who may do what, and until when. Who asks is first {@link #identify identified}; what it may do is then asked
 * for with its {@link Grant}. A right that lasts, a stream's, is {@link #hold held}: it ends with the grant, and whenever the hub learns
 * that it is over. What lasts is decided by the rules that hold once it is registered: a reload meanwhile has it decided again.
 * Thread-safe.
 */
public final class AccessControl implements AutoCloseable {
    /** By how much the clock of an issuer may be ahead of the hub's. */
    public static final Duration SKEW = Issuer.SKEW;

    private static final Grant EVERYTHING = Grant.endless(new Caller.Anybody(), Rights.ALL);

    private final InstantSource clock;
    private final Tickets tickets;
    private final TicketQuota given;
    private final Revocations revocations;
    private final Set<Held> held = ConcurrentHashMap.newKeySet();
    private volatile Rules rules;

    /** Of nodes that share a log; null where this one is alone. */
    private volatile @Nullable SharedTickets shared;

    /** What the configuration says. */
    private record Rules(AuthSettings settings, Grant anonymous, Map<String, KeySettings> keysByHash, Tokens tokens) {
        static Rules of(AuthSettings settings, InstantSource clock, @Nullable Tokens before) {
            Map<String, KeySettings> byHash = settings.keys().stream().filter(key -> !key.hash().isEmpty())
                    .collect(Collectors.toUnmodifiableMap(KeySettings::hash, Function.identity()));
            return new Rules(settings, Grant.endless(new Caller.Anonymous(), settings.anonymous()), byHash,
                    new Tokens(settings, clock, before));
        }

        /** The key that the client certificate with {@code fingerprint} stands for. */
        Optional<KeySettings> certified(String fingerprint) {
            return settings.keys().stream().filter(key -> key.certificate().equals(fingerprint)).findFirst();
        }
    }

    /**
     * @param clock that of the log: streams end by it
     * @throws ConfigException if the key-file of an issuer holds no key
     */
    public AccessControl(AuthSettings settings, InstantSource clock) {
        this.clock = clock;
        this.tickets = new Tickets(clock);
        this.given = new TicketQuota(clock);
        this.revocations = new Revocations(clock);
        this.rules = Rules.of(settings, clock, null);
        rules.tokens().start();
    }

    /** Has tickets be good at all nodes that share the log of {@code hub}. Called before the first one is asked for. */
    public void shareTickets(Hub hub) {
        shared = new SharedTickets(hub, clock);
    }

    /**
     * Who a request comes from. A ticket is looked at, and can be used afterwards.
     *
     * @throws AccessException if it has a credential that is none: also where it would need none
     */
    public Grant identify(Credentials credentials) {
        return identify(rules, credentials);
    }

    private Grant identify(Rules now, Credentials credentials) {
        if (now.settings().letsAll()) {
            return EVERYTHING;
        }
        Grant grant = grant(now, credentials.only().orElse(null));
        if (revocations.concern(grant.caller())) {
            throw invalid("revoked: " + grant.caller());
        }
        return grant;
    }

    private Grant grant(Rules now, @Nullable Credential credential) {
        return switch (credential) {
            case null -> now.anonymous();
            case Credential.Ticket(String text) -> ofTicket(now, text);
            case Credential.Bearer(String text) when text.startsWith(ApiKey.PREFIX) -> service(key(now, text));
            case Credential.Bearer(String text) -> now.tokens().grant(text);
            // One that stands for nobody was asked for by the connection, not by what is done on it.
            case Credential.Certificate(String fingerprint) ->
                now.certified(fingerprint).map(AccessControl::service).orElse(now.anonymous());
        };
    }

    private Grant ofTicket(Rules now, String text) {
        SharedTickets nodes = shared;
        if (nodes == null || !SharedTickets.isShared(text)) {
            return tickets.find(text).orElseThrow(AccessControl::noTicket);
        }
        SharedTickets.Pass pass = nodes.find(text).orElseThrow(AccessControl::noTicket);
        Grant whole = switch (pass.holder()) {
            case Holder.Token(String token) -> now.tokens().grant(token);
            case Holder.Key(String hash) -> service(ofHash(now, hash));
            case Holder.Certificate(String fingerprint) ->
                now.certified(fingerprint).map(AccessControl::service).orElseThrow(AccessControl::noTicket);
        };
        pass.only().ifPresent(filters -> requireSubscribe(whole, filters));
        return narrowed(whole, pass.only());
    }

    /** What a ticket for {@code grant} lets do. */
    private static Grant narrowed(Grant grant, Optional<Filters> only) {
        var rights = new Rights(List.of(), only.map(Filters::asList).orElse(grant.rights().subscribe()));
        return new Grant(grant.caller(), rights, grant.until(), 0, grant.signers());
    }

    /** Whether nobody else was first. */
    private boolean useTicket(String text) {
        SharedTickets nodes = shared;
        return (nodes != null && SharedTickets.isShared(text)) ? nodes.use(text) : tickets.use(text);
    }

    /** @throws AccessException if no key of an administrator comes with the request, also where everybody may do everything with topics */
    public void requireAdmin(Credentials credentials) {
        KeySettings key = switch (credentials.only().orElse(null)) {
            case null -> throw new AccessException(Kind.MISSING, "a key with admin: true is needed here", "no credential");
            case Credential.Ticket ticket -> throw invalid("a ticket is nobody's who looks after the hub");
            case Credential.Bearer(String text) -> key(rules, text);
            case Credential.Certificate(String fingerprint) -> rules.certified(fingerprint)
                    .orElseThrow(() -> invalid("no key of the configuration has the certificate " + fingerprint));
        };
        if (revocations.concern(new Caller.Service(key.name()))) {
            throw invalid("revoked: key " + key.name());
        }
        if (!key.admin()) {
            throw new AccessException(Kind.FORBIDDEN, "this key is no administrator's", "key " + key.name() + " has not admin: true");
        }
    }

    /**
     * Why {@code credential}, a token or a key, lets do what it does, or nothing: what {@link #identify} decides, with all that can be said
     * of it. Waits for the keys of its issuer, where they are fetched.
     */
    public Explanation explain(String credential) {
        Rules now = rules;
        var notes = new Explanation.Notes();
        try {
            if (now.settings().letsAll()) {
                notes.add("hub", now.settings().open() ? "open to all, as auth.open says: credentials are passed over"
                        : "nothing in auth says who may do what: credentials are passed over");
            } else if (credential.startsWith(ApiKey.PREFIX)) {
                Grant found = service(key(now, credential));
                notes.add("key", String.valueOf(found.caller()));
                notes.add(Explanation.Use.PUBLISH, found.rights().publish(), "auth.keys");
                notes.add(Explanation.Use.SUBSCRIBE, found.rights().subscribe(), "auth.keys");
            } else {
                now.tokens().explain(credential, notes);
            }
        } catch (AccessException e) {
            // Said by what follows.
        }
        try {
            return notes.allowed(identify(Credentials.of(List.of("Bearer " + credential))));
        } catch (AccessException e) {
            return notes.refused(e.why());
        }
    }

    private static Grant service(KeySettings key) {
        return new Grant(new Caller.Service(key.name()), key.rights(), Instant.MAX, key.publishRate());
    }

    private static KeySettings key(Rules now, String text) {
        // By its hash: how long a look-up takes says nothing of the key.
        return ofHash(now, ApiKey.hash(text));
    }

    private static KeySettings ofHash(Rules now, String hash) {
        KeySettings key = now.keysByHash().get(hash);
        if (key == null) {
            throw invalid("no key of the configuration has this hash");
        }
        return key;
    }

    private static AccessException noTicket() {
        return new AccessException(
                Kind.INVALID, Tickets.INVALID, "no ticket with this hash: it was used, is over, or never was one");
    }

    private static AccessException invalid(String why) {
        return new AccessException(Kind.INVALID, Tokens.INVALID, why);
    }

    /** @throws AccessException if {@code grant} does not let publish to {@code topic} */
    public void requirePublish(Grant grant, Topic topic) {
        if (!grant.rights().mayPublish(topic)) {
            throw refused(grant, "publish to '" + topic.value() + "'");
        }
    }

    /** @throws AccessException if {@code grant} does not let subscribe to all of {@code filters}; never fewer are given instead */
    public void requireSubscribe(Grant grant, Filters filters) {
        Optional<TopicFilter> refused = grant.rights().refused(filters);
        if (refused.isPresent()) {
            throw refused(grant, "subscribe to '" + refused.get().value() + "'");
        }
    }

    private static AccessException refused(Grant grant, String what) {
        // Without a credential, one might help; with one, another one would have to be asked for.
        return grant.caller() instanceof Caller.Anonymous
                ? new AccessException(Kind.MISSING, "a token or a key is needed to " + what, "no credential to " + what)
                : new AccessException(Kind.FORBIDDEN, "this credential does not let " + what, grant.caller() + " may not " + what);
    }

    /**
     * Takes the right to {@code filters} for whoever brings {@code credentials}, for as long as it lasts. A ticket is used up by it, and
     * not where it is refused. Whoever has the right {@link #release releases} it once.
     *
     * @throws AccessException as {@link #identify}, and if they do not let subscribe to all of {@code filters}
     */
    public Held hold(Credentials credentials, Filters filters) {
        while (true) {
            Rules now = rules;
            Grant grant = identify(now, credentials);
            requireSubscribe(grant, filters);
            Lease lease = grant.until().equals(Instant.MAX) ? Lease.endless() : Lease.until(grant.until());
            var right = new Held(grant, filters, lease);
            held.add(right);
            // In this order: what ends rights from here on finds this one, and what may have passed by it is seen here.
            if (isLast(now)) {
                try {
                    requireStillThere(now, credentials, grant);
                    return right;
                } catch (AccessException e) {
                    held.remove(right);
                    throw e;
                }
            }
            held.remove(right);
        }
    }

    /** Whether no reload came after {@code some}: each has tokens of its own. */
    private boolean isLast(Rules some) {
        return rules.tokens() == some.tokens();
    }

    private void requireStillThere(Rules now, Credentials credentials, Grant grant) {
        if (revocations.concern(grant.caller())) {
            throw invalid("over before it began: " + grant.caller());
        }
        if (!now.settings().letsAll() && credentials.only().orElse(null) instanceof Credential.Ticket(String text) && !useTicket(text)) {
            throw noTicket();
        }
    }

    /** @throws AccessException if {@code right} is over */
    public void requireLasting(Held right) {
        if (right.lease().isOver(clock)) {
            throw invalid("over meanwhile: " + right.grant().caller());
        }
    }

    public void release(Held right) {
        held.remove(right);
    }

    /** Whether a key of the configuration stands for the client certificate with {@code fingerprint}. */
    public boolean isKeys(String fingerprint) {
        return rules.certified(fingerprint).isPresent();
    }

    /** How many rights are held. */
    public int held() {
        return held.size();
    }

    /** How many tickets nobody has used yet, of those that are good at this node alone. */
    public int tickets() {
        return tickets.size();
    }

    /**
     * Whether {@code now} would let whoever has {@code grant} subscribe to all of {@code filters}. Of an issuer whose settings are others,
     * everything is asked for anew.
     */
    private static boolean isOf(Rules now, Grant grant, List<TopicFilter> filters) {
        if (now.settings().letsAll()) {
            return true;
        }
        Rights rights = switch (grant.caller()) {
            case Caller.Anybody anybody -> Rights.NONE;
            case Caller.Anonymous anonymous -> now.settings().anonymous();
            case Caller.Service service -> now.settings().keys().stream()
                    .filter(key -> key.name().equals(service.name())).map(KeySettings::rights).findFirst().orElse(Rights.NONE);
            case Caller.Bearer bearer -> now.settings().issuers().stream().anyMatch(issuer -> issuer.name().equals(bearer.issuer()))
                    ? grant.rights()
                    : Rights.NONE;
        };
        return rights.refused(filters).isEmpty();
    }

    /**
     * A ticket for what {@code credentials} let subscribe to.
     *
     * @param only what it is to be for; empty for all of it
     * @throws AccessException as {@link #identify}, and if that is more than they let do
     */
    public Ticket ticket(Credentials credentials, Optional<Filters> only) {
        while (true) {
            Rules now = rules;
            Credential credential = credentials.only().orElse(null);
            Grant grant = requireForTicket(identify(now, credentials), only);
            SharedTickets nodes = shared;
            // A hub that is open to all asks for none; and one that is cut off from the others gives some that are good here.
            if (nodes != null && credential != null && !now.settings().letsAll() && nodes.areUsable()) {
                given.count(grant.caller(), now.settings().ticketAge());
                return nodes.create(new SharedTickets.Pass(holder(credential), only), end(grant, now.settings().ticketAge()));
            }
            Ticket ticket = tickets.create(narrowed(grant, only), now.settings().ticketAge());
            if (isLast(now)) {
                return ticket;
            }
            // The reload may have passed by this one.
            tickets.use(ticket.text());
        }
    }

    private static Holder holder(Credential credential) {
        return switch (credential) {
            case Credential.Bearer(String text) when text.startsWith(ApiKey.PREFIX) -> new Holder.Key(ApiKey.hash(text));
            case Credential.Bearer(String text) -> new Holder.Token(text);
            case Credential.Certificate(String fingerprint) -> new Holder.Certificate(fingerprint);
            case Credential.Ticket ticket -> throw new IllegalArgumentException("a ticket is given for no ticket");
        };
    }

    private Grant requireForTicket(Grant grant, Optional<Filters> only) {
        if (grant.caller() instanceof Caller.Anonymous) {
            throw new AccessException(Kind.MISSING, "a token or a key is needed for a ticket", "no credential for a ticket");
        }
        only.ifPresent(filters -> requireSubscribe(grant, filters));
        return grant;
    }

    private Instant end(Grant grant, Duration age) {
        Instant longest = clock.instant().plus(age);
        return longest.isBefore(grant.until()) ? longest : grant.until();
    }

    /**
     * Ends what {@code revocation} concerns, from now on. One that is over lets in again what the same kept out.
     *
     * @return how many streams and waiting pages
     * @throws IllegalStateException if there are too many revocations
     */
    public int revoke(Revocation revocation) {
        return revocations.add(revocation) ? end(right -> revocation.concerns(right.grant().caller())) : 0;
    }

    /** Whether {@code revocation} holds by this node's knowledge. */
    boolean hasRevoked(Revocation revocation) {
        return revocations.has(revocation);
    }

    /** The one that holds and is told from others by {@code id}; null where none does. */
    @Nullable Revocation revocation(String id) {
        return revocations.of(id);
    }

    /** The time that decides what is over. */
    Instant now() {
        return clock.instant();
    }

    /** Whether {@code revocation} concerns nobody any more. */
    boolean isOver(Revocation revocation) {
        return revocation.isOver(clock.instant());
    }

    /** Those that hold. */
    public List<Revocation> revocations() {
        return revocations.all();
    }

    /** Forgets the revocations of what has expired; what tells them from others. */
    List<String> forgetRevocations() {
        return revocations.forgetOver();
    }

    /** The name in the configuration of an issuer, given that or its {@code iss}; null where there is none. */
    public @Nullable String issuer(String nameOrIssuer) {
        return rules.settings().issuers().stream()
                .filter(issuer -> issuer.name().equals(nameOrIssuer) || issuer.issuer().equals(nameOrIssuer))
                .findFirst().map(issuer -> issuer.name()).orElse(null);
    }

    /** Whether the configuration has a key with this name. */
    public boolean hasKey(String name) {
        return rules.settings().keys().stream().anyMatch(key -> key.name().equals(name));
    }

    /** Whether the configuration says who may do what, though the hub may be open for now. */
    public boolean saysWho() {
        return rules.settings().saysWho();
    }

    /** How long a token can be used at most. */
    public Duration tokenAge() {
        return rules.settings().tokenAge();
    }

    /** The settings that hold. */
    public AuthSettings settings() {
        return rules.settings();
    }

    /**
     * Whether the hub could start with {@code settings}: reads the key-files that they name.
     *
     * @throws ConfigException if one of them holds no key that can be used
     */
    public static void check(AuthSettings settings) {
        settings.issuers().forEach(issuer -> issuer.keys().file().ifPresent(file -> FileKeys.read(file, issuer)));
    }

    /**
     * Reads what {@code settings} say, without using it yet.
     *
     * @return uses it from then on, and ends the streams that it lets nobody have
     * @throws ConfigException if the key-file of an issuer holds no key, or nobody was asked before; nothing has changed then
     */
    public Runnable prepare(AuthSettings settings) {
        Rules before = rules;
        if (before.settings().saysWho() != settings.saysWho()) {
            // The log keeps revocations only where there can be some.
            throw new ConfigException("auth says who may use the hub, and did not before, or the other way round; this needs a restart");
        }
        Rules next = Rules.of(settings, clock, before.tokens());
        return () -> {
            next.tokens().start();
            rules = next;
            before.tokens().closeUnlessIn(next.tokens());
            // A ticket lets do what a stream may do that is opened with it.
            tickets.forget(grant -> isOver(before, next, grant, grant.rights().subscribe()));
            end(right -> isOver(before, next, right.grant(), right.filters().asList()));
        };
    }

    private static boolean isOver(Rules before, Rules next, Grant grant, List<TopicFilter> filters) {
        return !isOf(next, grant, filters) || isOfOther(before, next, grant);
    }

    /** Whether {@code grant} was given by something that is not the same any more, though its name may be. */
    private static boolean isOfOther(Rules before, Rules next, Grant grant) {
        return switch (grant.caller()) {
            case Caller.Bearer bearer -> !next.tokens().mayHaveSigned(bearer.issuer(), grant.signers())
                    || before.settings().issuers().stream().anyMatch(issuer ->
                            issuer.name().equals(bearer.issuer()) && !next.settings().issuers().contains(issuer));
            case Caller.Service service -> before.settings().keys().stream().anyMatch(key ->
                    key.name().equals(service.name()) && next.settings().keys().stream().noneMatch(key::isSameCredential));
            case Caller.Anonymous anonymous -> false;
            case Caller.Anybody anybody -> false;
        };
    }

    private int end(Predicate<Held> over) {
        int ended = 0;
        for (Held right : held) {
            if (over.test(right)) {
                right.lease().revoke();
                ended++;
            }
        }
        return ended;
    }

    @Override
    public void close() {
        rules.tokens().close();
    }
}
