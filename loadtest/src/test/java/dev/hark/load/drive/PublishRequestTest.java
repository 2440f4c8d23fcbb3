package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.hark.load.wire.Stamp;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishRequestTest {
    private static final int PAYLOAD_BYTES = 200;
    private static final int EVENTS = 20_000;

    /** What the JDK may allocate now and then, over all events together. */
    private static final long SLACK_BYTES = 20_000;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "text/plain | {data}",
        "application/x-www-form-urlencoded | topic={topic}&data={data}&private=on",
        "application/json | {\"channel\":\"{topic}\",\"data\":\"{data}\",\"again\":\"{topic}\"}",
    })
    void holdsWhatItsHeadSays(String contentType, String template) {
        List<String> topics = List.of("t", "köln \"&{data}");
        PublishRequest request = request(contentType, template, topics);
        byte[] data = new byte[PAYLOAD_BYTES];
        for (int topic = 0; topic < topics.size(); topic++) {
            Stamp.write(data, 0, data.length, 1, 2, 3, 4);
            request.begin();
            request.add(0, topic, data);
            ByteBuffer whole = request.end();
            String text = StandardCharsets.UTF_8.decode(whole.duplicate()).toString();
            int body = text.indexOf("\r\n\r\n") + 4;
            int bytes = text.substring(body).getBytes(StandardCharsets.UTF_8).length;
            assertThat(text).contains("Content-Length: " + bytes + "\r\n");
            BodyEncoding encoding = BodyEncoding.of(contentType);
            String stamp = new String(data, StandardCharsets.US_ASCII).replace(' ', (char) encoding.space());
            int place = template.indexOf("{data}");
            String topicText = encoding.encode(topics.get(topic));
            assertThat(text.substring(body)).isEqualTo(
                    template.substring(0, place).replace("{topic}", topicText)
                            + stamp
                            + template.substring(place + 6).replace("{topic}", topicText));
        }
    }

    @Test
    void leavesTheDataAsItWas() {
        PublishRequest request = request("application/x-www-form-urlencoded", "d={data}", List.of("t"));
        byte[] data = new byte[PAYLOAD_BYTES];
        Stamp.write(data, 0, data.length, 1, 2, 3, 4);
        byte[] before = data.clone();
        request.begin();
        request.add(0, 0, data);
        assertThat(data).isEqualTo(before);
    }

    @Test
    void allocatesNothingForAnEvent() {
        PublishRequest request = request("application/x-www-form-urlencoded", "topic={topic}&data={data}&more={topic}", List.of("a", "b"));
        byte[] data = new byte[PAYLOAD_BYTES];
        publish(request, data);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        long bytes = publish(request, data);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes).isPositive();
        assertThat(allocated).as("bytes for %d events", EVENTS).isLessThan(SLACK_BYTES);
    }

    /** The key is an event's own, the same whenever it is sent, and in another run another. */
    @Test
    void putsTheEventsNumberIntoItsKey() {
        byte[] data = new byte[PAYLOAD_BYTES];
        Stamp.write(data, 0, data.length, 1, 2, 3, 4);
        String look = "hl-0000000f-0000000000";
        PublishRequest single = retried(1, List.of("t", look));
        single.begin();
        single.add(1_234_567_890, 1, data);
        String text = StandardCharsets.UTF_8.decode(single.end()).toString();
        assertThat(text).startsWith("POST /topics/" + look + " ").contains("\r\nIdempotency-Key: hl-0000000f-1234567890\r\n");
        PublishRequest batch = retried(2, List.of("t", look));
        for (int again = 0; again < 2; again++) {
            batch.begin();
            batch.add(41, 0, data);
            batch.add(5, 1, data);
            assertThat(StandardCharsets.UTF_8.decode(batch.end()).toString())
                    .contains("{\"topic\":\"t\",\"idempotencyKey\":\"hl-0000000f-0000000041\",\"data\":\"")
                    .contains("{\"topic\":\"" + look + "\",\"idempotencyKey\":\"hl-0000000f-0000000005\",\"data\":\"");
        }
    }

    private static PublishRequest retried(int batch, List<String> topics) {
        Target target = Target.hark("http://127.0.0.1:1");
        return new PublishRequest(
                target, target.publishNodes().getFirst(), new PublishPlan(1, PAYLOAD_BYTES, 1, 1, batch, true), topics, 15);
    }

    private static long publish(PublishRequest request, byte[] data) {
        long bytes = 0;
        for (int event = 0; event < EVENTS; event++) {
            Stamp.write(data, 0, data.length, 1, event & 1, event, event);
            request.begin();
            request.add(0, event & 1, data);
            bytes += request.end().remaining();
        }
        return bytes;
    }

    private static PublishRequest request(String contentType, String template, List<String> topics) {
        Target target = Target.of(
                Target.Profile.GENERIC, "http://127.0.0.1:1", new RequestSettings(null, "/s", List.of(), null),
                new RequestSettings(null, "/p", List.of("Content-Type: " + contentType), template), List.of());
        return new PublishRequest(target, target.publishNodes().getFirst(), new PublishPlan(1, PAYLOAD_BYTES, 1, 1, 1), topics, 0);
    }
}
