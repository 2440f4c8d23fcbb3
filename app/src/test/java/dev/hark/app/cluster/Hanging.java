package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;

/** SIGSTOP and SIGCONT: a process that hangs with its connections open. Stateless. */
final class Hanging {
    private Hanging() {}

    static void pause(Process process) throws InterruptedException {
        signal(process, "STOP");
    }

    static void resume(Process process) throws InterruptedException {
        signal(process, "CONT");
    }

    private static void signal(Process process, String name) throws InterruptedException {
        try {
            int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
            assertThat(status).as("SIG%s to process %s", name, process.pid()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
