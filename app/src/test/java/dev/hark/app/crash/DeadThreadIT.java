package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ObjectReference;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.Wire;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program, in one of whose threads a debugger throws an exception while others publish and follow: it tells every client, ends, and
 * goes on where it was when it is started again.
 */
@Timeout(120)
class DeadThreadIT {
    private static final int PUBLISHERS = 2;
    private static final List<String> DEBUGGED = List.of("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0");
    private static final Pattern DEBUGGER = Pattern.compile("Listening for transport dt_socket at address: (\\d+)");

    @TempDir
    Path folder;

    private final Witnesses witnesses = new Witnesses(PUBLISHERS, FaultClient.TOPIC, Lives.Life::last, 1);
    private DurableServer server;

    @BeforeEach
    void begin() {
        server = new DurableServer(folder);
    }

    @AfterEach
    void end() {
        witnesses.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hark-lane-0", "hark-log-writer"})
    void endsTheProcess(String thread) throws Exception {
        dies(thread);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"hark-lane-1", "hark-log-reader-0", "hark-log-reader-1", "hark-sweeper", "hark-maintenance"})
    void endsTheProcessWhicheverItIs(String thread) throws Exception {
        dies(thread);
    }

    private void dies(String thread) throws Exception {
        Program program = server.startWith(DEBUGGED, "delivery.lanes=2");
        FaultClient client = FaultClient.of(program, witnesses);
        String large = "x".repeat(60_000);
        for (int i = 0; i < 100; i++) {
            assertThat(client.publishWithoutKey("large" + i + large).status()).isEqualTo(201);
        }
        // From here on all the time, so that some of it is under way when the thread dies.
        witnesses.awaitAnswer(witnesses.begin(client.uri(), false));
        try (Wire first = Wire.open(client.uri(), "/topics/**");
                Wire second = Wire.open(client.uri(), "/topics/a");
                Wire deaf = Wire.connect(client.uri(), 4_096).request("GET", "/topics/**?since=earliest")) {
            // It reads no more than that, so the end has to wait for it, and there is time to look.
            assertThat(deaf.head().getFirst()).contains("200");
            long start = System.nanoTime();
            throwIn(thread, program);
            var live = new AtomicReference<Answer>();
            await("red").atMost(Wire.PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                try {
                    live.set(client.live());
                } catch (UncheckedIOException | AssertionError e) {
                    return !program.process().isAlive();
                }
                return live.get().status() == 503;
            });
            assertThat(live.get().status()).isEqualTo(503);
            assertThat(live.get().json().toString()).contains(thread).contains("died of a defect");
            for (Wire wire : List.of(first, second)) {
                assertThat(wire.rest()).containsPattern("event: hark.close\nid: [a-z0-9]{8}-[0-9]+\ndata: \\{\"reason\":\"failed\"}\n\n$");
            }
            assertThat(program.awaitExit()).as(program.err()).isEqualTo(70);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
            assertThat(program.err()).contains("the thread " + thread + " died of a defect").contains("to be started again");
        }
        Program again = server.start();
        witnesses.awaitAnswer(witnesses.begin(again.awaitUri(), true));
        History history = witnesses.endJudged(again);
        assertThat(history.readBack().blocks()).as("events").hasSizeGreaterThan(100);
    }

    /** What a defect in its code would do: an exception from wherever it is. */
    private static void throwIn(String name, Program program) throws Exception {
        Matcher port = DEBUGGER.matcher(program.out());
        assertThat(port.find()).as(program.out()).isTrue();
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        Objects.requireNonNull(arguments.get("hostname")).setValue("127.0.0.1");
        Objects.requireNonNull(arguments.get("port")).setValue(port.group(1));
        VirtualMachine machine = connector.attach(arguments);
        // One that every JVM keeps ready.
        ObjectReference exception = machine.classesByName("java.lang.NullPointerException").getFirst().instances(1).getFirst();
        ThreadReference thread = machine.allThreads().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        thread.suspend();
        thread.stop(exception);
        thread.resume();
        machine.dispose();
    }
}
