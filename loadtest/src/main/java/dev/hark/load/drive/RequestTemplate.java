package dev.hark.load.drive;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A request with places for a topic and, when publishing, for an event's data.
 *
 * <p>A topic is percent-encoded in the path, and written into the body as {@link BodyEncoding} says for its content type.
 *
 * @param kind what it asks for
 * @param method as it is sent; upper and lower case are not the same to HTTP
 * @param path with {@code {topic}} where the topic goes
 * @param headers all header lines but {@code Host}, {@code Content-Length} and {@code Last-Event-ID}
 * @param body with {@code {topic}} where the topic goes, and {@code {data}} once when publishing; empty for none
 */
public record RequestTemplate(Kind kind, String method, String path, List<String> headers, String body) {
    /** What a request asks for. */
    public enum Kind {
        SUBSCRIBE("GET", ""),
        PUBLISH("POST", DATA);

        private final String method;
        private final String body;

        Kind(String method, String body) {
            this.method = method;
            this.body = body;
        }

        /** What goes with it unless other lines of the same names do. */
        private List<String> headers(boolean hasBody) {
            List<String> described = hasBody ? List.of("Content-Type: text/plain") : List.of();
            return switch (this) {
                case SUBSCRIBE -> HeaderLines.over(List.of("Accept: text/event-stream", "Cache-Control: no-cache"), described);
                case PUBLISH -> described;
            };
        }

        /** The option, for messages. */
        private String option(String part) {
            return "--" + name().toLowerCase(Locale.ROOT) + "-" + part;
        }

        private void check(RequestSettings settings) {
            settings.onlyGeneric().ifPresent(part -> {
                throw new IllegalArgumentException(option(part) + " is for target 'generic': the requests of 'hark' are known");
            });
        }
    }

    private static final String TOPIC = "{topic}";
    private static final String DATA = "{data}";
    private static final String UNRESERVED = "-._~/";

    /** An answer to these has no body, or is no answer of HTTP at all: no stream begins, and no event is taken. */
    private static final Set<String> USELESS = Set.of("HEAD", "CONNECT", "TRACE");

    /** What would end a path, or a request's first line. */
    private static final Pattern ENDS_PATH = Pattern.compile("[\\s\\p{Cntrl}]");

    public RequestTemplate {
        if (!HeaderLines.isToken(method)) {
            throw new IllegalArgumentException(
                    "%s '%s' is no method of HTTP, such as %s".formatted(kind.option("method"), method, kind.method));
        }
        if (USELESS.contains(method.toUpperCase(Locale.ROOT))) {
            throw new IllegalArgumentException("%s is %s, which neither brings a stream nor takes an event; use another, such as %s"
                    .formatted(kind.option("method"), method, kind.method));
        }
        requireSlash(kind, path);
        if (ENDS_PATH.matcher(path).find()) {
            throw new IllegalArgumentException("%s '%s' has a space or a control character in it; write it as %%20 or the like"
                    .formatted(kind.option("path"), HeaderLines.printable(path)));
        }
        headers = HeaderLines.checked(kind.option("header"), headers);
        int places = body.split(Pattern.quote(DATA), -1).length - 1;
        switch (kind) {
            case SUBSCRIBE -> {
                if (places > 0) {
                    throw new IllegalArgumentException(
                            "%s has %s in it, which only %s can have".formatted(kind.option("body"), DATA, Kind.PUBLISH.option("body")));
                }
            }
            case PUBLISH -> {
                if (places != 1) {
                    throw new IllegalArgumentException(
                            "%s has %s in it %d times; it must have it once".formatted(kind.option("body"), DATA, places));
                }
            }
        }
    }

    /**
     * A template from what was said; the rest is as with {@code hark}.
     *
     * @param base what all paths begin with; may be empty
     * @param general header lines that go with every request
     * @throws IllegalArgumentException if something said cannot be; the message names the option
     */
    static RequestTemplate of(Target.Profile profile, Kind kind, String base, RequestSettings settings, List<String> general) {
        switch (profile) {
            case HARK -> kind.check(settings);
            case GENERIC -> {
                if (settings.path() == null) {
                    throw new IllegalArgumentException(
                            "target 'generic' needs --subscribe-path and --publish-path, such as '/sub?topic={topic}'");
                }
            }
        }
        String path = settings.path() == null ? "/topics/" + TOPIC : settings.path();
        // Behind a base it would pass for a path.
        requireSlash(kind, path);
        String body = settings.body() == null ? kind.body : settings.body();
        List<String> own = HeaderLines.checked(kind.option("header"), settings.headers());
        List<String> standard = kind.headers(!body.isEmpty());
        return new RequestTemplate(
                kind,
                settings.method() == null ? kind.method : settings.method(),
                base + path,
                HeaderLines.over(HeaderLines.over(standard, general), own),
                body);
    }

    /**
     * Checks that it can tell so many topics from each other.
     *
     * @throws IllegalArgumentException if not; the message names the option
     */
    void requireRoomFor(int topics) {
        if (topics > 1 && !path.contains(TOPIC) && !body.contains(TOPIC)) {
            throw new IllegalArgumentException(("%s '%s' has no %s in it, and %s neither: all of the %d topics would be one;"
                            + " write %s where the topic goes, or take one topic")
                    .formatted(kind.option("path"), path, TOPIC, kind.option("body"), topics, TOPIC));
        }
    }

    /** The same with more in the query. */
    RequestTemplate withQuery(String query) {
        return new RequestTemplate(kind, method, path + (path.contains("?") ? '&' : '?') + query, headers, body);
    }

    BodyEncoding encoding() {
        return HeaderLines.value(headers, "Content-Type").map(BodyEncoding::of).orElse(BodyEncoding.RAW);
    }

    String pathOf(String topic) {
        return path.replace(TOPIC, percentEncoded(topic));
    }

    /**
     * The request up to where an event's data goes; all of it where there is no place for data.
     *
     * @param more header lines that this one request has besides
     */
    byte[] start(String authority, String topic, List<String> more, int dataBytes) {
        int place = body.indexOf(DATA);
        String before = filled(place < 0 ? body : body.substring(0, place), topic);
        var head = new StringBuilder(256)
                .append(method).append(' ').append(pathOf(topic)).append(" HTTP/1.1\r\n")
                .append("Host: ").append(authority).append("\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        more.forEach(line -> head.append(line).append("\r\n"));
        if (!body.isEmpty() || !method.equals("GET")) {
            int bytes = before.getBytes(StandardCharsets.UTF_8).length + dataBytes + end(topic).length;
            head.append("Content-Length: ").append(bytes).append("\r\n");
        }
        return head.append("\r\n").append(before).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What follows an event's data; often nothing. */
    byte[] end(String topic) {
        int place = body.indexOf(DATA);
        return place < 0 ? new byte[0] : filled(body.substring(place + DATA.length()), topic).getBytes(StandardCharsets.UTF_8);
    }

    private static void requireSlash(Kind kind, String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(
                    "%s '%s' does not begin with '/', as every path must".formatted(kind.option("path"), HeaderLines.printable(path)));
        }
    }

    private String filled(String part, String topic) {
        return part.replace(TOPIC, encoding().encode(topic));
    }

    /** Encodes what may not stand in a path or a query; slashes stay. */
    private static String percentEncoded(String topic) {
        var encoded = new StringBuilder(topic.length() + 16);
        for (byte each : topic.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (each & 0xFF);
            if (letter < 0x80 && (Character.isLetterOrDigit(letter) || UNRESERVED.indexOf(letter) >= 0)) {
                encoded.append(letter);
            } else {
                encoded.append('%').append(Character.toUpperCase(Character.forDigit(letter >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(letter & 15, 16)));
            }
        }
        return encoded.toString();
    }
}
