package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.access.ApiKey;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.KeySettings;
import dev.hark.app.config.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCommandTest {
    @TempDir
    Path folder;

    /** What is said for the configuration, read as one. What is printed is the key alone. */
    private KeySettings made(String... args) throws IOException {
        TestShell hark = TestShell.in(folder);
        assertThat(hark.run(args)).as(hark::err).isZero();
        assertThat(hark.out()).matches("hark_[A-Za-z0-9_-]{43}\n");
        String key = hark.out().strip();
        assertThat(hark.err()).doesNotContain(key);
        Path file = Files.writeString(folder.resolve("application.yaml"), hark.err().substring(hark.err().indexOf("auth:")));
        KeySettings read = new ConfigSource(file, List.of(), Map.of()).load().auth().keys().getFirst();
        assertThat(read.hash()).isEqualTo(ApiKey.hash(key));
        return read;
    }

    @Test
    void aNewKeyIsOneForTopics() throws IOException {
        KeySettings key = made("key", "new", "shop-backend");
        assertThat(key.name()).isEqualTo("shop-backend");
        assertThat(key.admin()).isFalse();
        assertThat(key.rights().publish()).hasSize(1);
    }

    @Test
    void anAdminKeyOpensNoTopics() throws IOException {
        KeySettings key = made("key", "new", "--admin", "ops");
        assertThat(key.admin()).isTrue();
        assertThat(key.rights()).isEqualTo(Rights.NONE);
    }
}
