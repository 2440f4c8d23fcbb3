import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/** OkHttp's own sse against a hub, in a loop: OkHttpSse URL writes a line of JSON for each event, until it is ended. */
final class OkHttpSse extends EventSourceListener {
    private static final long PAUSE_MILLIS = 500;

    private static volatile String last = "";

    private final CountDownLatch over = new CountDownLatch(1);

    public static void main(String[] arguments) throws InterruptedException {
        // By itself it waits for 10 seconds, which is shorter than a heartbeat.
        EventSource.Factory factory =
                EventSources.createFactory(new OkHttpClient.Builder().readTimeout(Duration.ofSeconds(60)).build());
        while (true) {
            Request.Builder request = new Request.Builder().url(arguments[0]);
            if (!last.isEmpty()) {
                request.header("Last-Event-ID", last);
            }
            var listener = new OkHttpSse();
            factory.newEventSource(request.build(), listener);
            listener.over.await();
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    @Override
    public void onEvent(EventSource source, String id, String type, String data) {
        last = id == null ? last : id;
        try {
            Say.event(type == null ? "" : type, data, last);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void onClosed(EventSource source) {
        over.countDown();
    }

    @Override
    public void onFailure(EventSource source, Throwable failure, Response response) {
        System.err.println(failure == null ? response : failure);
        over.countDown();
    }
}
