package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hark.app.SilentLog;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.access.TokenCases.TokenCase;
import dev.hark.app.client.Clients;
import dev.hark.app.config.ConfigSource;
import dev.hark.event.TopicFilter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Tokens of another library, right ones and forged ones: which of them hold, what they let do, and what the log is told of the others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ResourceLock(SilentLog.LOG)
class ForgedTokensIT {
    private TokenCases cases;
    private AccessControl access;

    @BeforeAll
    void makeTokens(@TempDir Path folder) {
        Clients.require("node");
        cases = TokenCases.make(folder);
        access = new AccessControl(
                new ConfigSource(Path.of("..", "application.yaml"), List.of(cases.settings()), Map.of()).load().auth(),
                () -> TokenCases.NOW);
    }

    @AfterAll
    void end() {
        // Without node there are none.
        if (access != null) {
            access.close();
            cases.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> aTokenHoldsOrTheLogSaysWhyNot() {
        return cases.all().stream().map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
    }

    private void check(TokenCase each) {
        var credentials = Credentials.of(List.of("Bearer " + each.token()));
        if (each.holds()) {
            // The second time it is remembered.
            for (int i = 0; i < 2; i++) {
                Grant grant = access.identify(credentials);
                assertThat(values(grant.rights().subscribe())).isEqualTo(each.subscribe());
                assertThat(values(grant.rights().publish())).isEqualTo(each.publish());
            }
        } else {
            assertThat(catchThrowable(() -> access.identify(credentials))).isInstanceOfSatisfying(AccessException.class, refusal -> {
                assertThat(refusal.kind()).isEqualTo(Kind.INVALID);
                assertThat(refusal).hasMessage(Tokens.INVALID);
                assertThat(refusal.why()).contains(each.why()).doesNotContain(each.token());
            });
        }
    }

    private static Set<String> values(List<TopicFilter> filters) {
        var values = new TreeSet<String>();
        filters.forEach(filter -> values.add(filter.value()));
        return values;
    }

    @Test
    void nothingIsFetchedFromWhereATokenSays() {
        for (TokenCase each : cases.all()) {
            var _ = catchThrowable(() -> access.identify(Credentials.of(List.of("Bearer " + each.token()))));
        }
        assertThat(cases.strayRequests()).isEmpty();
    }
}
