package dev.hark.app.http;

import dev.hark.app.config.HarkConfig;
import dev.hark.app.reload.ReloadPart;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.Set;

/**
 * Gives each request of the data listener the {@link Terms} that hold when it begins, and sees to where it comes from. Thread-safe.
 */
public final class LiveTerms implements Filter, ReloadPart {
    private volatile Terms now;

    public LiveTerms(HarkConfig config) {
        this.now = terms(config);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Terms terms = now;
        terms.hold(() -> terms.crossOrigin().filter(chain, request, response));
    }

    /** What holds now of what pages may do. */
    CrossOrigin crossOrigin() {
        return now.crossOrigin();
    }

    @Override
    public Set<String> keys() {
        return Set.of("cors", "limits.publish-rate");
    }

    @Override
    public Prepared prepare(HarkConfig next) {
        Terms terms = terms(next);
        return Prepared.of(() -> now = terms);
    }

    private static Terms terms(HarkConfig config) {
        return new Terms(new CrossOrigin(config.cors()), config.limits().publishRate());
    }
}
