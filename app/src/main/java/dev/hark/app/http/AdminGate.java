package dev.hark.app.http;

import dev.hark.app.access.AccessControl;
import dev.hark.app.access.AccessException;
import dev.hark.app.config.AuthSettings;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Who the admin listener answers to: everybody where only this machine reaches it, and else who has an admin key. Probes, which cannot
 * easily send one, may ask without whether the hub lives and is ready; they are told no reasons. Thread-safe.
 */
public final class AdminGate implements Filter {
    private static final Set<String> PROBES = Set.of("/health/live", "/health/ready", "/health/publishing");

    private final AccessControl access;
    private final AuditLog audit;
    private final BooleanSupplier asks;

    /** @param asks whether a key is needed now, because other machines reach it */
    public AdminGate(AccessControl access, AuditLog audit, BooleanSupplier asks) {
        this.access = access;
        this.audit = audit;
        this.asks = asks;
    }

    /** One that lets everybody in. */
    public static AdminGate open() {
        return new AdminGate(new AccessControl(AuthSettings.NONE, InstantSource.system()), new AuditLog(), () -> false);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (asks.getAsBoolean() && (hasCredential(request) || !isProbe(request))) {
            try {
                access.requireAdmin(Gate.ofHeader(request));
            } catch (AccessException e) {
                Problems.send(request, response, Gate.refusal(request, e, request.remotePeer().host(), audit));
                return;
            }
        }
        chain.proceed();
    }

    /** Whether who sent {@code request}, which was let in, may know all; otherwise it is a probe that gave no key. */
    public boolean trusts(ServerRequest request) {
        return !asks.getAsBoolean() || hasCredential(request);
    }

    /** What was let in with one, has a valid one. */
    private boolean hasCredential(ServerRequest request) {
        // A certificate that stands for no key is as if there were none.
        return request.headers().contains(HeaderNames.AUTHORIZATION)
                || ClientCertificate.of(request).filter(shown -> access.isKeys(shown.fingerprint())).isPresent();
    }

    /** By the path as it was sent: nothing else leads there. */
    private static boolean isProbe(ServerRequest request) {
        Method method = request.prologue().method();
        return (method.equals(Method.GET) || method.equals(Method.HEAD)) && PROBES.contains(request.path().rawPath());
    }
}
