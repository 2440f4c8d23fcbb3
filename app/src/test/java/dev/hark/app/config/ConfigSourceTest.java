package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSourceTest {
    @TempDir
    Path folder;

    @Test
    void readsAFileWithAByteOrderMark() throws IOException {
        Path file = Files.writeString(folder.resolve("hark.yaml"), "\uFEFFserver: {port: 7}\n");

        assertThat(new ConfigSource(file, List.of(), Map.of()).load().server().port()).isEqualTo(7);
    }

    @Test
    void takesTheLastOfEqualKeysAndAnEqualsSignInAValue() {
        ConfigSource source = new ConfigSource(null, List.of("server.port=7", "server.port=8", "delivery.heartbeat-event=a=b"), Map.of());

        assertThat(source.load().server().port()).isEqualTo(8);
        assertThat(source.load().hub().delivery().heartbeatEvent()).isEqualTo("a=b");
    }

    @Test
    void refusesAPairThatIsNone() {
        for (String pair : List.of("server.port", "=8", "")) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> new ConfigSource(null, List.of(pair), Map.of()).load())
                    .withMessage("--set is '" + pair + "'; key=value is allowed, such as server.port=8081");
        }
    }

    @Test
    void namesAFileThatCannotBeRead() throws IOException {
        Path missing = folder.resolve("missing.yaml");
        Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'#', (byte) 0xE4, '\n'});

        refuses(missing, "configuration file " + missing + " does not exist");
        refuses(latin, "configuration file " + latin + " is not UTF-8");
        refuses(folder, "configuration file " + folder + " cannot be read");
    }

    private static void refuses(Path file, String message) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> new ConfigSource(file, List.of(), Map.of()).load())
                .withMessageStartingWith(message);
    }
}
