package dev.hark.app.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.FuzzInputs;
import dev.hark.app.config.AddressRange;
import dev.hark.app.config.IpLiteral;
import dev.hark.app.config.TimeSpan;
import dev.hark.event.EventId;
import dev.hark.event.Format;
import dev.hark.event.InvalidEventException;
import dev.hark.fanout.Start;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.URI;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The values of fields and queries that the hub reads by itself. The first line of the input is a query, each further one a value. */
public final class FieldsFuzzTest {
    private static final String PROXY = "10.0.0.1";
    private static final String CLIENT = "203.0.113.9";
    private static final ClientAddresses ADDRESSES = new ClientAddresses(List.of(AddressRange.parse("10.0.0.0/8"),
            AddressRange.parse("2001:db8:f::/48")));
    private static final Origins ORIGINS = new Origins(List.of("https://shop.example.com", "https://*.apps.example.com"));
    private static final HostNames HOSTS = new HostNames(List.of("hub.example.com"));
    private static final String EPOCH = "7k3q9x2m";
    private static final int MOST_LINES = 16;

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(FieldsFuzzTest.class, FieldsFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, FieldsFuzzTest::look);
    }

    private static void look(byte[] input) {
        // As a field comes: a value has no line ends, and what is beyond ASCII is lost.
        List<String> lines = Arrays.stream(new String(input, UTF_8).split("\n", MOST_LINES)).map(line -> line.replace("\r", "")).toList();
        List<String> values = lines.subList(1, lines.size());
        for (String value : values) {
            addresses(value);
            ranges(value);
            times(value);
            origins(value);
            hosts(value);
            path(value);
            forwarded(value);
            Accepted.prefersJson(List.of(value));
        }
        // A quote that is not closed ends with its line.
        List<String> plain = values.stream().filter(value -> value.indexOf('"') < 0).toList();
        assertThat(Accepted.prefersJson(plain)).isEqualTo(Accepted.prefersJson(List.of(String.join(",", plain))));
        lastEventIds(values);
        query(lines.getFirst(), values);
    }

    /** Whatever a client sends, its own address counts, or that of the proxy which did not take its word. */
    private static void addresses(String value) {
        assertThat(client(List.of(value, CLIENT), List.of())).isEqualTo(CLIENT);
        assertThat(client(List.of(value + ',' + CLIENT), List.of())).isEqualTo(CLIENT);
        assertThat(client(List.of(), List.of(value, "for=" + CLIENT))).isIn(CLIENT, PROXY);
        assertThat(client(List.of(CLIENT), List.of(value))).isIn(CLIENT, PROXY);
        assertThat(client(List.of(value), List.of("for=" + CLIENT))).isIn(CLIENT, PROXY);
        InetAddress alone = ADDRESSES.client(IpLiteral.parse(PROXY), List.of(value), List.of());
        assertThat(alone.getHostAddress().equals(PROXY) || value.indexOf('.') >= 0 || value.indexOf(':') >= 0).isTrue();
        assertThat(ClientAddresses.counted(alone)).hasSizeLessThan(46).matches("[0-9a-f.:]+(/64)?");
    }

    private static String client(List<String> forwardedFor, List<String> forwarded) {
        return ADDRESSES.client(IpLiteral.parse(PROXY), forwardedFor, forwarded).getHostAddress();
    }

    private static void forwarded(String value) {
        try {
            List<String> nodes = ForwardedField.nodes(value);
            var again = new ArrayList<String>();
            nodes.forEach(node -> again.add("for=\"" + node.replace("\\", "\\\\").replace("\"", "\\\"") + '"'));
            assertThat(ForwardedField.nodes(String.join(", ", again))).isEqualTo(nodes);
        } catch (IllegalArgumentException e) {
            FuzzInputs.requireReadable(e);
        }
    }

    private static void ranges(String value) {
        try {
            AddressRange range = AddressRange.parse(value);
            assertThat(AddressRange.parse(range.toString())).isEqualTo(range);
            assertThat(range.contains(range.base())).isTrue();
        } catch (IllegalArgumentException e) {
            FuzzInputs.requireReadable(e);
        }
        try {
            InetAddress address = IpLiteral.parse(value);
            assertThat(IpLiteral.parse(address.getHostAddress())).isEqualTo(address);
            assertThat(value.length()).isLessThan(46);
        } catch (IllegalArgumentException e) {
            FuzzInputs.requireReadable(e);
        }
    }

    private static void times(String value) {
        TimeSpan.parse(value).ifPresent(time -> {
            assertThat(time.isNegative()).isFalse();
            // In the short form there is nothing below a millisecond.
            assertThat(TimeSpan.parse(TimeSpan.print(time))).contains(time.truncatedTo(ChronoUnit.MILLIS));
            if (!value.contains(",")) {
                assertThat(TimeSpan.parse(value.replace('.', ','))).contains(time);
            }
        });
    }

    /** What is let in is an origin of a page, and its host is one of those that are listed: a browser's own word for it. */
    private static void origins(String value) {
        if (ORIGINS.hold(value)) {
            URI uri = URI.create(value.toLowerCase(Locale.ROOT).replace('_', 'x'));
            assertThat(uri.getScheme()).isEqualTo("https");
            assertThat(uri.getRawUserInfo()).isNull();
            assertThat(uri.getRawPath() + uri.getRawQuery() + uri.getRawFragment()).isEqualTo("nullnull");
            assertThat(uri.getPort()).isIn(-1, 443);
            assertThat(uri.getRawAuthority().replace(":443", "")).matches("shop\\.example\\.com|.+\\.apps\\.example\\.com");
        }
    }

    private static void hosts(String value) {
        if (HOSTS.answersTo(value)) {
            String lower = value.toLowerCase(Locale.ROOT);
            assertThat(lower).matches(
                    "(?s)(hub\\.example\\.com|(.*\\.)?localhost)\\.?(:.*)?|[0-9.]+(:.*)?|\\[[0-9a-f:.%]+].*|[0-9a-fx.]+.*");
        }
    }

    private static void path(String value) {
        try {
            List<String> segments = RawPath.segments('/' + value);
            assertThat(segments).noneMatch(segment -> segment.indexOf('\uFFFD') >= 0 && !value.contains("%"));
            assertThat(segments).hasSize((int) value.chars().filter(c -> c == '/').count() + 1);
        } catch (ProblemException e) {
            FuzzInputs.requireReadable(e);
        }
    }

    private static void lastEventIds(List<String> values) {
        String newest = LastEventIds.newest(values, EPOCH);
        List<EventId> ours = values.stream().flatMap(value -> Arrays.stream(value.split(",", -1))).map(String::strip)
                .flatMap(id -> EventId.parse(id).stream()).filter(id -> id.epoch().equals(EPOCH)).toList();
        if (ours.isEmpty()) {
            assertThat(newest.isEmpty() || values.stream().anyMatch(value -> value.contains(newest))).isTrue();
        } else {
            assertThat(ours).contains(EventId.parse(newest).orElseThrow())
                    .allMatch(id -> id.compareTo(EventId.parse(newest).orElseThrow()) <= 0);
        }
    }

    /** As a stream and a page read it, but for what Helidon refuses before. */
    private static void query(String raw, List<String> lastEventIds) {
        Optional<UriQuery> query = parsed(raw);
        if (query.isEmpty()) {
            return;
        }
        WritableHeaders<?> headers = WritableHeaders.create();
        lastEventIds.stream().limit(2).forEach(id -> headers.add(HeaderNames.create("Last-Event-ID"), id));
        ServerRequest request = (ServerRequest) Proxy.newProxyInstance(ServerRequest.class.getClassLoader(),
                new Class<?>[] {ServerRequest.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "query" -> query.get();
                    case "headers" -> ServerRequestHeaders.create(headers);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        try {
            QueryNames.require(request, QueryNames.SUBSCRIBE_MANY);
        } catch (ProblemException e) {
            FuzzInputs.requireReadable(e);
        }
        try {
            Start start = ReadOptions.start(request, EPOCH);
            if (start instanceof Start.Back back) {
                assertThat(back.age().isNegative()).isFalse();
            }
        } catch (InvalidEventException e) {
            FuzzInputs.requireReadable(e);
        }
        try {
            assertThat(ReadOptions.longestWait(request).isNegative()).isFalse();
        } catch (InvalidEventException e) {
            FuzzInputs.requireReadable(e);
        }
        try {
            ReadOptions.limit(request);
            ReadOptions.format(request, Format.DATA);
            ReadOptions.requireNoneOfPages(request);
        } catch (InvalidEventException e) {
            FuzzInputs.requireReadable(e);
        }
    }

    private static Optional<UriQuery> parsed(String raw) {
        try {
            return Optional.of(UriQuery.create(raw));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
