package dev.hark.app.http;

import dev.hark.app.http.wire.Refusal;
import dev.hark.app.http.wire.RefusalText;
import io.helidon.http.Header;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.ServerResponseHeaders;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What answers bear that no filter of a listener has seen, because the request was refused before: the same as all others. Thread-safe.
 */
final class EarlyRefusals implements RefusalText {
    private final Supplier<CrossOrigin> origins;

    EarlyRefusals(Supplier<CrossOrigin> origins) {
        this.origins = origins;
    }

    @Override
    public byte[] document(Refusal refusal) {
        return Problems.document(refusal);
    }

    @Override
    public String fieldLines(@Nullable String origin) {
        return fields(Optional.ofNullable(origin))
                .map(field -> field.name() + ": " + field.get() + "\r\n")
                .collect(Collectors.joining());
    }

    /** Adds to {@code answer}, a refusal by Helidon of a request with the fields {@code asked}, what is not there already. */
    void complete(ServerRequestHeaders asked, ServerResponseHeaders answer) {
        fields(CrossOrigin.origin(asked)).forEach(answer::set);
    }

    private Stream<Header> fields(Optional<String> origin) {
        return Stream.concat(BrowserRules.ofRefusal().stream(), origins.get().fields(origin).stream());
    }
}
