package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The browser client as programs for pages take it: as an npm package that the build has made, and by its types. */
@Timeout(240)
class ClientPackageIT {
    private static final Path SOURCE = Path.of("src", "main", "resources", "client");

    @TempDir
    private Path folder;

    @Test
    void isInstalledByNpm() throws Exception {
        Clients.requireOnPath("npm", "node");
        Files.writeString(folder.resolve("package.json"), "{\"private\":true,\"type\":\"module\"}");
        Ran install = run("npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", Clients.tarball().toString());
        assertThat(install.status()).as(install.said()).isZero();
        Path installed = folder.resolve("node_modules").resolve("hark-client");
        assertThat(installed.resolve("hark.js")).hasSameTextualContentAs(SOURCE.resolve("hark.js"));
        assertThat(installed.resolve("hark.d.ts")).hasSameTextualContentAs(SOURCE.resolve("hark.d.ts"));
        assertThat(installed.resolve("LICENSE")).isNotEmptyFile();

        Files.writeString(folder.resolve("program.js"), """
                import { connect, matches } from 'hark-client';
                console.log(matches('a/*', 'a/b'), connect('http://127.0.0.1:1').status.state);
                """);
        assertThat(run("node", "program.js")).isEqualTo(new Ran(0, "true idle\n"));
    }

    @Tag("long")
    @Test
    void hasTypesThatTheCompilerReads() throws Exception {
        Clients.require("node");
        Files.copy(SOURCE.resolve("hark.js"), folder.resolve("hark.js"));
        Files.copy(SOURCE.resolve("hark.d.ts"), folder.resolve("hark.d.ts"));
        Path page = Files.writeString(folder.resolve("page.ts"), """
                import { connect, matches, type Gap, type Hub, type Status } from './hark.js';

                const hub: Hub = connect(new URL('https://hub.example.com'), {
                  token: async () => 'token', share: true, hidden: 'pause', credentials: 'include',
                  onState: (status: Status) => status.state,
                });
                const stop: () => void = hub.subscribe<{ total: number }>('orders/*', event => event.data.total.toFixed(), {
                  since: 'current',
                  onGap: (gap: Gap) => gap.snapshot,
                  onDeleted: ({ topic, key }) => [topic, key],
                  onCurrent: id => id.length,
                  onError: ({ status, detail }) => status + detail,
                });
                stop();
                const known: boolean = matches('a', 'b') && hub.status.state === 'open';
                hub.close();
                export default known;
                """);
        assertThat(compile(page)).isEqualTo(new Ran(0, ""));
        for (String wrong : List.of(
                "hub.subscribe('a')", "hub.subscribe('a', () => {}, { from: 'latest' })", "hub.status.state === 'opened'")) {
            Path mistaken = Files.writeString(folder.resolve("wrong.ts"),
                    "import { connect } from './hark.js';\nconst hub = connect('/');\nexport default " + wrong + ";\n");
            assertThat(compile(mistaken).said()).as(wrong).contains("wrong.ts(3,");
        }
    }

    private Ran compile(Path program) throws IOException, InterruptedException {
        Path compiler = Clients.FOLDER.resolve("node").resolve("node_modules").resolve("typescript").resolve("bin").resolve("tsc");
        return run("node", compiler.toString(), "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom",
                program.toString());
    }

    /** How a program has ended, and what it said. */
    private record Ran(int status, String said) {}

    private Ran run(String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(List.of(command).toString()).isTrue();
            return new Ran(process.exitValue(), Files.readString(out));
        } finally {
            process.destroy();
        }
    }
}
