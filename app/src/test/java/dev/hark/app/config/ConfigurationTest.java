package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    @TempDir
    private Path folder;

    @Test
    void comparesWhatIsMeant() throws IOException {
        assertThat(differences("", "server: {port: 8080}\ndrain: {window: 5s}\nlimits: {event-bytes: 61440, index-bytes: auto}")).isEmpty();
        assertThat(differences("", "server: {port: 8081}\nlimits: {index-bytes: 64MiB}"))
                .containsExactly("limits.index-bytes", "server.port");
    }

    @Test
    void namesAListAsAWhole() throws IOException {
        assertThat(differences("", "cors: {origins: ['https://a.example', 'https://b.example']}")).containsExactly("cors.origins");
        assertThat(differences("topics: [{match: '**'}]", "topics: [{match: 'a/**'}, {match: '**', keep: nothing}]"))
                .containsExactly("topics");
        assertThat(differences("topics: [{match: '**', keep: nothing}]", "topics: [{match: '**', keep: {age: 1h}}]"))
                .containsExactly("topics");
    }

    @Test
    void seesAnotherSecretWithoutShowingIt() throws IOException {
        assertThat(differences("server: {tls: {keystore: a, password: one}}", "server: {tls: {keystore: a, password: two}}"))
                .containsExactly("server.tls.password");
    }

    @Test
    void readsTheSameFileWithTheSameOverridesAgain() throws IOException {
        Path file = Files.writeString(folder.resolve("application.yaml"), "server: {port: 1}");
        Configuration first = new ConfigSource(file, List.of("admin.port=2"), Map.of("HARK_DEMO_ENABLED", "false")).read();
        Files.writeString(file, "server: {port: 3}\nadmin: {port: 4}\ndemo: {enabled: true}");

        Configuration second = first.source().read();

        assertThat(first.differences(second)).containsExactly("server.port");
        assertThat(second.config().server().port()).isEqualTo(3);
        assertThat(second.config().admin().port()).isEqualTo(2);
        assertThat(second.config().demo()).isFalse();
    }

    private List<String> differences(String before, String after) throws IOException {
        return read("before.yaml", before).differences(read("after.yaml", after));
    }

    private Configuration read(String name, String yaml) throws IOException {
        return new ConfigSource(Files.writeString(folder.resolve(name), yaml), List.of(), Map.of()).read();
    }
}
