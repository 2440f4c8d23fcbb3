package dev.hark.log.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.ServerInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which servers are refused, and of which there is a doubt. */
class ServerCheckTest {
    private static final JetStreamSettings SETTINGS = JetStreamSettings.of(List.of("nats://127.0.0.1:4222"), "hark", 1);

    private static ServerInfo server(String version, int maxPayload) {
        return new ServerInfo("INFO {\"server_id\":\"n1\",\"version\":\"" + version + "\",\"max_payload\":" + maxPayload + "}");
    }

    private static ServerInfo server(String version) {
        return server(version, 1 << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.4.1", "2.2.6", "2.8.4"})
    void thoseThatLackWhatIsNeededAreRefused(String version) {
        assertThatThrownBy(() -> ServerCheck.requireFit(server(version), SETTINGS)).isInstanceOf(UnfitException.class)
                .hasMessage("nats-server " + version + " is too old: it has to be 2.9 at least, and 2.11 or newer is better");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.9.0", "2.9.10", "2.10.29"})
    void thoseThatMayLoseWhatTheyHaveAcknowledgedAreDoubted(String version) throws Exception {
        ServerCheck.requireFit(server(version), SETTINGS);
        assertThat(ServerCheck.doubt(server(version))).hasValue("nats-server " + version
                + " is old: use 2.11 or newer, because older ones are known to lose what they have acknowledged when they are killed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.11.0", "2.11.4", "2.15.3", "3.0.0"})
    void newOnesAreNot(String version) {
        assertThatCode(() -> ServerCheck.requireFit(server(version), SETTINGS)).doesNotThrowAnyException();
        assertThat(ServerCheck.doubt(server(version))).isEmpty();
    }

    @Test
    void thoseThatTakeNoGroupsOfThatSizeAreRefused() {
        assertThatThrownBy(() -> ServerCheck.requireFit(server("2.11.0", 65_536), SETTINGS)).isInstanceOf(UnfitException.class)
                .hasMessageContaining("the servers take messages of at most 65536 bytes (max_payload)");
    }
}
