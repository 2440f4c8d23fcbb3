package dev.hark.app.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.log.replicated.Checksum;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of nodes that differ. */
class ClusterRouteTest {
    private static NodeReport node(String name, String epoch, Checksum checksum) {
        return node(name, "1", "0badcafe", epoch, checksum);
    }

    private static NodeReport node(String name, String version, String rules, String epoch, Checksum checksum) {
        return new NodeReport(name, "id of " + name, version, "2026-01-31T08:00:00Z", rules, epoch, 100, 3, 0.5, checksum, 7, "",
                "why not", "n0", "2.10.0");
    }

    @Test
    void saysNothingOfNodesThatAreAlike() {
        assertThat(ClusterRoute.warnings(List.of(
                node("a", "e", new Checksum(64, 5)), node("b", "e", new Checksum(64, 5)), node("c", "e", new Checksum(128, 6)),
                node("d", "e", Checksum.NONE)))).isEmpty();
    }

    @Test
    void saysWhichDiffer() {
        assertThat(ClusterRoute.warnings(List.of(node("a", "e", new Checksum(64, 5)), node("b", "e", new Checksum(64, 6)))))
                .singleElement().asString().startsWith("a and b came to different checksums at 64");
        assertThat(ClusterRoute.warnings(List.of(node("a", "e", new Checksum(64, 5)), node("b", "f", new Checksum(64, 6)))))
                .singleElement().asString().startsWith("a and b have different epochs, e and f");
    }

    /** Before it shows in what they keep; of different versions nobody knows whether it is said in the same words. */
    @Test
    void saysWhoHasOtherRules() {
        NodeReport one = node("a", "e", new Checksum(64, 5));
        assertThat(ClusterRoute.warnings(List.of(one, node("b", "1", "deadbeef", "e", new Checksum(64, 6)))))
                .singleElement().asString().startsWith("a and b have different rules of topics");
        assertThat(ClusterRoute.warnings(List.of(one, node("b", "2", "deadbeef", "e", new Checksum(64, 5))))).isEmpty();
    }

    @Test
    void readsWhatANodeHasWrittenAndNothingElse() {
        NodeReport node = node("a", "e", new Checksum(64, 5));
        assertThat(NodeReport.read(node.toJson().toString().getBytes(UTF_8))).contains(node);
        for (String other : List.of("", "x", "[]", "{}", "null", "{\"node\":1,\"name\":\"x\"}")) {
            assertThat(NodeReport.read(other.getBytes(UTF_8))).as(other).isEmpty();
        }
    }
}
