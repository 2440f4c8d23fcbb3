package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({"0,0", "17,17", "17B,17", "64KiB,65536", "1 MiB,1048576", "1GiB,1073741824", "2TiB,2199023255552", "1_000,1000",
        "64k,65536", "64K,65536", "1m,1048576", "3 G,3221225472", "1t,1099511627776", "64kib,65536"})
    void readsUnits(String text, long bytes) {
        assertThat(ByteSize.parse(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KiB", "-1", "1.5MiB", "64KB", "64kb", "1mb", "1e3", "k", "9999999999999999999", "99999999TiB"})
    void refusesWhatIsNoSize(String text) {
        assertThat(ByteSize.parse(text)).isEmpty();
    }

    @Test
    void printsTheShortestText() {
        assertThat(ByteSize.print(0)).isEqualTo("0");
        assertThat(ByteSize.print(1025)).isEqualTo("1025");
        assertThat(ByteSize.print(65536)).isEqualTo("64KiB");
        assertThat(ByteSize.print(1L << 30)).isEqualTo("1GiB");
    }
}
