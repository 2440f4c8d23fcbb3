package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The files of docs/deploy: each that holds a configuration holds one that the hub takes, and they agree with each other. */
class DeployFilesTest {
    private static final Path FOLDER = Path.of("..", "docs", "deploy");
    private static final Map<String, String> PASSWORD = Map.of("HARK_LOG_PASSWORD", "secret");

    /** What the end takes at most beyond {@code drain.window}, as docs/operating.md promises it. */
    private static final Duration BEYOND_WINDOW = Duration.ofSeconds(15);

    @TempDir
    private Path folder;

    @Test
    void clusterYamlIsAConfiguration() {
        HarkConfig config = load(FOLDER.resolve("cluster.yaml"));

        assertThat(config.log().cluster().replicas()).isEqualTo(3);
        assertThat(config.log().cluster().servers()).hasSize(3);
    }

    @Test
    void kubernetesHasTheSameConfiguration() throws IOException {
        HarkConfig cluster = load(FOLDER.resolve("cluster.yaml"));
        HarkConfig config = load(configMap());

        assertThat(config.server()).isEqualTo(cluster.server());
        assertThat(config.admin()).isEqualTo(cluster.admin());
        assertThat(config.auth()).isEqualTo(cluster.auth());
        assertThat(config.log().cluster().replicas()).isEqualTo(3);
        assertThat(config.log().cluster().servers()).hasSize(3);
    }

    @Test
    void kubernetesKeepsTheReplicaAndWaitsForTheEnd() throws IOException {
        HarkConfig config = load(configMap());
        Map<?, ?> pod = map(map(map(map(document("StatefulSet"), "spec"), "template"), "spec"), "");
        Map<?, ?> container = (Map<?, ?>) list(pod, "containers").getFirst();

        assertThat(list(container, "volumeMounts")).extracting(mount -> (Object) map(mount, "").get("mountPath"))
                .contains("/var/lib/hark", "/etc/hark");
        assertThat(config.log().path()).hasParentRaw(Path.of("/var/lib/hark"));
        assertThat(list(container, "args").toString()).contains("/etc/hark/application.yaml");
        assertThat(list(container, "ports")).extracting(port -> (Object) map(port, "").get("containerPort"))
                .containsExactly(config.server().port(), config.admin().port());
        assertThat(Duration.ofSeconds(Long.parseLong(String.valueOf(pod.get("terminationGracePeriodSeconds")))))
                .isGreaterThan(config.drainWindow().plus(BEYOND_WINDOW));
    }

    @Test
    void composeStartsWhatTheConfigurationNames() throws IOException {
        HarkConfig config = load(FOLDER.resolve("cluster.yaml"));
        Map<?, ?> services = map(new Yaml().<Map<?, ?>>load(read("compose.yaml")), "services");

        assertThat(config.log().cluster().servers())
                .allSatisfy(server -> assertThat(services.containsKey(server.replaceAll("nats://|:\\d+", ""))).as(server).isTrue());
        assertThat(services.keySet().stream().map(String::valueOf).filter(name -> name.startsWith("hub"))).hasSize(3)
                .allSatisfy(name -> assertThat(list(map(services, name), "ports").toString())
                        .contains(":" + config.server().port(), ":" + config.admin().port()));
    }

    @Test
    void unitWaitsForTheEnd() throws IOException {
        HarkConfig config = load(FOLDER.resolve("cluster.yaml"));
        String unit = read("hark@.service");

        assertThat(unit).contains("--config /etc/hark/cluster.yaml");
        String seconds = unit.lines().filter(line -> line.startsWith("TimeoutStopSec=")).findFirst().orElseThrow().replaceAll("\\D", "");
        assertThat(Duration.ofSeconds(Long.parseLong(seconds))).isGreaterThan(config.drainWindow().plus(BEYOND_WINDOW));
    }

    private Path configMap() throws IOException {
        String text = (String) map(document("ConfigMap"), "data").get("application.yaml");
        return Files.writeString(folder.resolve("application.yaml"), text);
    }

    private static Map<?, ?> document(String kind) throws IOException {
        return StreamSupport.stream(new Yaml().loadAll(read("kubernetes.yaml")).spliterator(), false)
                .<Map<?, ?>>map(document -> (Map<?, ?>) document)
                .filter(document -> kind.equals(document.get("kind")))
                .findFirst().orElseThrow();
    }

    /** The member {@code name} of {@code object}, which is an object; {@code object} itself where the name is empty. */
    private static Map<?, ?> map(Object object, String name) {
        Map<?, ?> map = (Map<?, ?>) object;
        return name.isEmpty() ? map : (Map<?, ?>) Objects.requireNonNull(map.get(name), name);
    }

    private static List<?> list(Map<?, ?> object, String name) {
        return (List<?>) Objects.requireNonNull(object.get(name), name);
    }

    private static String read(String file) throws IOException {
        return Files.readString(FOLDER.resolve(file));
    }

    private static HarkConfig load(Path file) {
        return new ConfigSource(file, List.of(), PASSWORD).load();
    }
}
