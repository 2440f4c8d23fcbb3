package dev.hark.app.source.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.MessageProperties;
import dev.hark.app.PackagedJar;
import dev.hark.app.Program;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast a source reads a queue, alone and beside publishers over HTTP, and what these keep of their rate. Prints rates, and takes no
 * time for a mistake. Not run unless it is asked for:
 *
 * <pre>mvn verify -pl hub,app -Dtest=NoUnitTest -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=RabbitRates</pre>
 *
 * {@code -Dhark.messages=…}, {@code -Dhark.bytes=…} and {@code -Dhark.seconds=…} change how many and how large messages are, and how long
 * it publishes over HTTP alone.
 */
class RabbitRates {
    private static final String QUEUE = "hark";
    private static final int PUBLISHERS = 16;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern EVENTS = Pattern.compile("hark_source_events_total\\{source=\"queue\"} ([0-9.E]+)");

    private final int messages = Integer.getInteger("hark.messages", 400_000);
    private final int bytes = Integer.getInteger("hark.bytes", 200);
    private final int seconds = Integer.getInteger("hark.seconds", 10);
    private final HttpClient client = HttpClient.newHttpClient();

    private final List<Program> started = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void end() {
        started.forEach(Program::kill);
    }

    @Test
    void aloneAndBesidePublishers() throws Exception {
        try (RabbitServer rabbit = RabbitServer.start()) {
            rabbit.queue(QUEUE, Map.of());
            fill(rabbit);
            Program hub = start(rabbit);
            awaitEvents(adminOf(hub), messages / 3);
            double alone = drain(adminOf(hub));

            // Once to warm up.
            flood(hub.awaitUri(), seconds, 0);
            double most = flood(hub.awaitUri(), seconds, 0);
            double half = flood(hub.awaitUri(), seconds, most / 2);
            end(hub);

            fill(rabbit);
            Program again = start(rabbit);
            URI uri = again.awaitUri();
            var isOver = new AtomicBoolean();
            var published = new LongAdder();
            List<Thread> publishers = publish(uri, published, most / 2, isOver::get);
            awaitEvents(adminOf(again), messages / 3);
            // Warm from here on, as the other one was.
            published.reset();
            long begin = System.nanoTime();
            double beside = drain(adminOf(again));
            isOver.set(true);
            double kept = published.sum() * 1e9 / (System.nanoTime() - begin);
            for (Thread each : publishers) {
                each.join();
            }
            end(again);
            System.out.printf(Locale.ROOT, "messages of %d bytes: %,.0f/s alone, %,.0f/s beside HTTP%n", bytes, alone, beside);
            System.out.printf(Locale.ROOT, "singles of %d bytes over HTTP, %d connections: %,.0f/s at most%n", bytes, PUBLISHERS, most);
            System.out.printf(Locale.ROOT, "told to publish %,.0f/s: %,.0f/s alone, %,.0f/s beside messages (%.0f %%)%n",
                    most / 2, half, kept, 100 * kept / half);
        }
    }

    private void fill(RabbitServer rabbit) throws Exception {
        String data = "x".repeat(bytes - 10);
        rabbit.with(channel -> {
            channel.confirmSelect();
            for (int i = 0; i < messages; i++) {
                var properties = MessageProperties.PERSISTENT_BASIC.builder().messageId("m-" + i).build();
                byte[] body = String.format(Locale.ROOT, "%010d%s", i, data).getBytes(StandardCharsets.UTF_8);
                channel.basicPublish("", QUEUE, properties, body);
                if (i % 10_000 == 9_999) {
                    channel.waitForConfirmsOrDie(PATIENCE.toMillis());
                }
            }
            channel.waitForConfirmsOrDie(PATIENCE.toMillis());
        });
    }

    /** With the compilers and the collector that Java takes by itself, and a log that waits for the disk. */
    private Program start(RabbitServer rabbit) {
        Stream<String> settings = Stream.of("server.port=0", "admin.port=0", "log.kind=sqlite", "log.durability=fsync",
                "log.path=" + folder.resolve("hark.db"), "drain.window=PT0.1S", "sources.0.name=queue",
                "sources.0.rabbitmq.uri=" + rabbit.uri(),
                "sources.0.rabbitmq.queue=" + QUEUE, "sources.0.rabbitmq.topic=messages");
        Stream<String> arguments = Stream.concat(
                Stream.of("--config", Path.of("..", "application.yaml").toAbsolutePath().normalize().toString()),
                settings.flatMap(each -> Stream.of("--set", each)));
        Program hub = Program.start(folder, started.size(), PackagedJar.AS_JAVA_CHOOSES, arguments.toArray(String[]::new));
        started.add(hub);
        hub.awaitUri();
        return hub;
    }

    private static void end(Program hub) throws InterruptedException {
        hub.terminate();
        hub.awaitExit();
    }

    private static URI adminOf(Program hub) {
        hub.awaitUri();
        Matcher admin = Pattern.compile("health and metrics: (http://[0-9.:]+)").matcher(hub.out());
        assertThat(admin.find()).as(hub.out()).isTrue();
        return URI.create(admin.group(1));
    }

    private void awaitEvents(URI admin, long count) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> events(admin) >= count);
    }

    /** Messages a second, to the last. */
    private double drain(URI admin) {
        var begin = new long[2];
        await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(50)).until(() -> {
            long now = events(admin);
            if (begin[0] == 0 && now > 0) {
                begin[0] = System.nanoTime();
                begin[1] = now;
            }
            return now == messages;
        });
        return (messages - begin[1]) * 1e9 / (System.nanoTime() - begin[0]);
    }

    private long events(URI admin) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(admin.resolve("/metrics")).timeout(PATIENCE).build();
        Matcher count = EVENTS.matcher(client.send(request, BodyHandlers.ofString()).body());
        return count.find() ? (long) Double.parseDouble(count.group(1)) : 0;
    }

    /** Answers a second. */
    private double flood(URI hub, int seconds, double rate) throws InterruptedException {
        var published = new LongAdder();
        long begin = System.nanoTime();
        List<Thread> publishers = publish(hub, published, rate, () -> System.nanoTime() - begin > seconds * 1_000_000_000L);
        for (Thread each : publishers) {
            each.join();
        }
        return published.sum() * 1e9 / (System.nanoTime() - begin);
    }

    /** When it is over. */
    private interface End {
        boolean isReached();
    }

    /** @param rate a second, of all of them together; 0 for as fast as answers come */
    private List<Thread> publish(URI hub, LongAdder published, double rate, End end) {
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            String topic = "/topics/http/" + i;
            publishers.add(Thread.ofPlatform().name("publisher").start(() -> publish(hub, topic, published, rate / PUBLISHERS, end)));
        }
        return publishers;
    }

    private void publish(URI hub, String path, LongAdder published, double rate, End end) {
        String head = "POST " + path + " HTTP/1.1\r\nHost: " + hub.getAuthority() + "\r\nContent-Type: text/plain\r\n";
        byte[] request = (head + "Content-Length: " + bytes + "\r\n\r\n" + "y".repeat(bytes)).getBytes(StandardCharsets.US_ASCII);
        try (var socket = new Socket(hub.getHost(), hub.getPort())) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            long next = System.nanoTime();
            while (!end.isReached()) {
                out.write(request);
                skipAnswer(in);
                published.increment();
                if (rate > 0) {
                    next += (long) (1e9 / rate);
                    LockSupport.parkNanos(next - System.nanoTime());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void skipAnswer(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 20")) {
            throw new IOException("the answer is " + status);
        }
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring("content-length:".length()).strip());
            }
        }
        in.skipNBytes(length);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int each = in.read(); each != '\n'; each = in.read()) {
            if (each < 0) {
                throw new IOException("the connection has ended");
            }
            if (each != '\r') {
                line.append((char) each);
            }
        }
        return line.toString();
    }
}
