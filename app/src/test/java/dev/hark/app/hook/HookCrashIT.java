package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Program;
import dev.hark.app.Wire;
import dev.hark.app.hook.Receiver.Reply;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a service is told by hooks of a hub that is killed and started anew. */
@Timeout(300)
class HookCrashIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RESET = "hook.reset new";

    private final Receiver receiver = new Receiver();

    @AfterEach
    void end() {
        receiver.close();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Stream<String> settings() {
        return Stream.of("hooks.0.name=presence", "hooks.0.url=" + receiver.url(), "hooks.0.secret=" + Receiver.SECRET,
                "hooks.0.topics=orders/*", "hooks.0.settle=PT0.3S");
    }

    /** Killed while the call is under way: whether its receiver had it, nobody knows. */
    @Test
    void callsOnceMoreAfterACrashAndSaysWhoIsGoneWithIt(@TempDir Path folder) throws Exception {
        var first = new AtomicBoolean(true);
        var dead = new CountDownLatch(1);
        receiver.answer(call -> {
            if (!call.isReset() && first.getAndSet(false)) {
                // It has taken the call, and the hub does not hear of it.
                awaitQuietly(dead);
            }
            return new Reply(204);
        });
        Program killed = start(folder, 1);
        URI killedUri = killed.awaitUri();
        receiver.awaitTold(RESET);
        try (Wire stream = Wire.open(killedUri, "/topics/orders/1")) {
            await().atMost(PATIENCE).until(() -> !first.get());
            killed.kill();
            killed.awaitExit();
        } finally {
            dead.countDown();
        }
        // What the first call is answered, nobody reads.
        receiver.awaitCalls(calls -> calls.size() == 2);

        Program next = start(folder, 2);
        try {
            URI uri = next.awaitUri();
            receiver.awaitTold("topic.left orders/1");
            assertThat(receiver.told()).as("it begins where it was")
                    .containsExactly(RESET, "topic.listened orders/1", "topic.listened orders/1", "topic.left orders/1");
            assertThat(receiver.calls().get(1).events()).as("with the same ids").isEqualTo(receiver.calls().get(2).events().subList(0, 1));
            try (Wire stream = Wire.open(uri, "/topics/orders/1")) {
                assertThat(stream.isFinished()).isFalse();
                receiver.awaitCalls(calls -> receiver.told().size() == 5);
                assertThat(receiver.told()).endsWith("topic.listened orders/1");
            }
            next.terminate();
            assertThat(next.awaitExit()).isZero();
        } finally {
            next.kill();
        }
    }

    private Program start(Path folder, int number) {
        List<String> arguments = new ArrayList<>();
        Stream.concat(Stream.of("server.port=0", "admin.port=0", "log.path=" + folder.resolve("hark.db"), "drain.window=PT0S"),
                settings()).forEach(each -> arguments.addAll(List.of("--set", each)));
        return Program.start(folder, number, List.of(), arguments.toArray(String[]::new));
    }
}
