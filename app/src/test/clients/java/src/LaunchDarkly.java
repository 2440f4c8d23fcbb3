import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.FaultEvent;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamEvent;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** LaunchDarkly's okhttp-eventsource against a hub: LaunchDarkly URL writes a line of JSON for each event, until it is ended. */
final class LaunchDarkly {
    private LaunchDarkly() {}

    public static void main(String[] arguments) throws IOException {
        var connect = ConnectStrategy.http(URI.create(arguments[0])).readTimeout(60, TimeUnit.SECONDS);
        // Without it the first fault is thrown, and the end of a stream is one.
        try (var source = new EventSource.Builder(connect).errorStrategy(ErrorStrategy.alwaysContinue())
                .retryDelay(500, TimeUnit.MILLISECONDS).build()) {
            for (StreamEvent event : source.anyEvents()) {
                if (event instanceof MessageEvent message) {
                    Say.event(message.getEventName(), message.getData(), Objects.requireNonNullElse(message.getLastEventId(), ""));
                } else if (event instanceof FaultEvent fault) {
                    System.err.println(fault.getCause());
                }
            }
        }
    }
}
