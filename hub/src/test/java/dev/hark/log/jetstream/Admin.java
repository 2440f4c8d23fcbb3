package dev.hark.log.jetstream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Somebody else who can do everything to a stream. */
final class Admin implements AutoCloseable {
    private final Connection connection;

    Admin(List<String> urls) throws IOException, InterruptedException {
        connection = Nats.connect(Options.builder()
                .servers(urls.toArray(String[]::new))
                .connectionTimeout(Duration.ofSeconds(5))
                .build());
    }

    Connection connection() {
        return connection;
    }

    JetStreamManagement streams() throws IOException {
        return connection.jetStreamManagement();
    }

    /** Makes the stream as a journal would, but for what {@code change} does to it. */
    void make(JetStreamSettings settings, UnaryOperator<StreamConfiguration.Builder> change) throws IOException, JetStreamApiException {
        streams().addStream(change.apply(StreamConfiguration.builder(StreamCheck.wanted(settings))).build());
    }

    void make(JetStreamSettings settings) throws IOException, JetStreamApiException {
        make(settings, change -> change);
    }

    /** Has the stream keep what it holds for {@code age} alone. */
    void limit(JetStreamSettings settings, Duration age) throws IOException, JetStreamApiException {
        StreamConfiguration now = streams().getStreamInfo(settings.stream()).getConfiguration();
        Duration window = age.compareTo(settings.duplicateWindow()) < 0 ? age : settings.duplicateWindow();
        streams().updateStream(StreamConfiguration.builder(now).maxAge(age).duplicateWindow(window).build());
    }

    void delete(JetStreamSettings settings) throws IOException, JetStreamApiException {
        streams().deleteStream(settings.stream());
    }

    void purge(JetStreamSettings settings) throws IOException, JetStreamApiException {
        streams().purgeStream(settings.stream());
    }

    /** Puts {@code count} messages into the stream, many at once. */
    void fill(JetStreamSettings settings, int count, int bytes) throws IOException {
        var stream = connection.jetStream();
        List<CompletableFuture<PublishAck>> acks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            acks.add(stream.publishAsync(settings.subject(), new byte[bytes]));
            if (acks.size() == 2000) {
                acks.forEach(CompletableFuture::join);
                acks.clear();
            }
        }
        acks.forEach(CompletableFuture::join);
    }

    @Override
    public void close() throws InterruptedException {
        connection.close();
    }
}
