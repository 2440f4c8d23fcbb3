package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.FuzzInputs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bytes that come over a connection, whoever sends them: what Helidon is given of them. The input is those bytes. */
public final class RequestFrontFuzzTest {
    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(RequestFrontFuzzTest.class, RequestFrontFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, RequestFrontFuzzTest::look);
    }

    private static void look(byte[] input) {
        FrontOutcome whole = FrontOutcome.of(List.of(input));
        List<byte[]> single = IntStream.range(0, input.length).mapToObj(i -> Arrays.copyOfRange(input, i, i + 1)).toList();
        assertThat(FrontOutcome.of(single)).as("byte by byte").isEqualTo(whole);
        int middle = input.length / 2;
        assertThat(FrontOutcome.of(List.of(Arrays.copyOf(input, middle), Arrays.copyOfRange(input, middle, input.length))))
                .as("in two").isEqualTo(whole);
        whole.requireWellFormed();
    }
}
