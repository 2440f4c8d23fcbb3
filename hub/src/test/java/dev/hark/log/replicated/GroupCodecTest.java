package dev.hark.log.replicated;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Topic;
import dev.hark.log.DraftBatch;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bytes of format 1, as they stand in streams that nodes of other versions read: whoever has to change what is expected here changes
 * the format, and gives it another number.
 */
class GroupCodecTest {
    private static final String TIME = "4847 01 01 0000018bcfe56800";
    private static final String EPOCH = "4847 01 02 0000018bcfe56800 00000008 3767336b39783271";
    private static final String EVENTS = "4847 01 00 0000018bcfe56800 00000002"
            + "00000002"
            + "00 00000003 612f62 00000007 6d657373616765 00000001 6b 00000002 6964 00000003 c3a42e"
            + "02 00000001 61 00000007 6d657373616765 00000001 6b ffffffff 00000000"
            + "00000001"
            + "01 00000001 61 00000003 656e64 ffffffff ffffffff 00000001 78";

    private static final long MILLIS = 1_700_000_000_000L;
    private static final List<DraftBatch> BATCHES = List.of(
            DraftBatch.of(List.of(
                    new Draft(new Topic("a/b"), Draft.DEFAULT_TYPE, "k", "ä.".getBytes(UTF_8), "id"),
                    new Draft(new Topic("a"), Draft.DEFAULT_TYPE, "k", new byte[0], null, EventKind.DELETED))),
            DraftBatch.of(List.of(new Draft(new Topic("a"), "end", null, "x".getBytes(UTF_8), null, EventKind.END))));

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void writesTheFormat() {
        assertThat(GroupCodec.encodeTime(MILLIS)).isEqualTo(bytes(TIME));
        assertThat(GroupCodec.encodeEpoch(MILLIS, "7g3k9x2q")).isEqualTo(bytes(EPOCH));
        assertThat(GroupCodec.encodeEvents(MILLIS, BATCHES.stream().map(GroupCodec::encode).toList())).isEqualTo(bytes(EVENTS));
    }

    @Test
    void readsTheFormat() throws Exception {
        assertThat(GroupCodec.decode(bytes(TIME))).isEqualTo(Group.ofTime(MILLIS));
        assertThat(GroupCodec.decode(bytes(EPOCH))).isEqualTo(Group.ofEpoch(MILLIS, "7g3k9x2q"));
        Group events = GroupCodec.decode(bytes(EVENTS));
        assertThat(events.kind()).isEqualTo(Group.Kind.EVENTS);
        assertThat(events.timeMillis()).isEqualTo(MILLIS);
        assertThat(events.batches()).usingRecursiveComparison().isEqualTo(BATCHES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "48", "4847", "4847 01", "4847 01 01 00", TIME + "00", "4848 01 01 00", "4847 02 01 0000018bcfe56800",
        "4847 01 09 0000018bcfe56800",
        "4847 01 00 0000018bcfe56800 00000001 7fffffff", "4847 01 00 0000018bcfe56800 00000001 00000001 00 7fffffff 61"})
    void refusesWhatIsNone(String hex) {
        assertThatThrownBy(() -> GroupCodec.decode(bytes(hex))).isInstanceOf(UnreadableGroupException.class);
    }
}
