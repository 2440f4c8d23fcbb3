package dev.hark.app.demo;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The browser client, {@code hark.js}, and its types, at {@code client/} of the data listener. What the module says to its reader is not
 * sent to browsers. Stateless.
 */
public final class ClientFiles {
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    /**
     * A worker that tabs share is under the policy of its own script, and asks whatever hub it is given. Nothing else is loaded by it. (A
     * page that imports the module is under the page's.)
     */
    private static final Header POLICY =
            HeaderValues.createCached("Content-Security-Policy", "default-src 'none'; connect-src *; frame-ancestors 'none'");

    /** Whole lines of comment; and what stands behind code, which in this module no string looks like. */
    private static final Pattern COMMENT = Pattern.compile("^(//|/\\*\\*|\\*).*$|(?<=[;,{]) // .*$");

    /** A number, text or pattern that has a name, for those who read the source. */
    private static final Pattern CONSTANT = Pattern.compile("^const ([A-Z_]+) = (\\w+|'[^']*'|/[^/]+/);\n", Pattern.MULTILINE);

    /** A name that nobody outside of its class can use. No text and no pattern of this module has a letter behind such a sign. */
    private static final Pattern PRIVATE = Pattern.compile("#([A-Za-z]\\w*)");

    private static final int LETTERS = 26;

    private ClientFiles() {}

    /** A file, as it is sent. */
    private record File(String type, String text, String tag) {
        File(String type, String text) {
            this(type, text, tagOf(text));
        }

        void send(ServerRequest request, ServerResponse response) {
            response.header(REVALIDATE).header(POLICY).header(HeaderNames.ETAG, tag);
            if (isKnown(request)) {
                response.status(Status.NOT_MODIFIED_304).send();
            } else {
                response.header(HeaderNames.CONTENT_TYPE, type).send(text.getBytes(StandardCharsets.UTF_8));
            }
        }

        /** RFC 9110, section 13.1.2. */
        private boolean isKnown(ServerRequest request) {
            return request.headers().all(HeaderNames.IF_NONE_MATCH, List::of).stream()
                    .flatMap(line -> Arrays.stream(line.split(",", -1)))
                    .map(String::strip)
                    .anyMatch(known -> known.equals("*") || known.equals(tag) || known.equals("W/" + tag));
        }
    }

    /** Adds the files to {@code routing}. */
    public static void register(HttpRouting.Builder routing) {
        serve(routing, "/client/hark.js", new File("text/javascript;charset=utf-8", shortened(read("hark.js"))));
        // Of TypeScript there is no registered type, and what is guessed from `.ts` is a film.
        serve(routing, "/client/hark.d.ts", new File("text/plain;charset=utf-8", read("hark.d.ts")));
    }

    private static void serve(HttpRouting.Builder routing, String path, File file) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact(path), file::send);
    }

    /** {@code source} as browsers need it: without comments, indentation, and names that only its readers want. */
    static String shortened(String source) {
        String code = source.lines()
                .map(line -> COMMENT.matcher(line.strip()).replaceAll("").strip())
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("\n", "", "\n"));
        List<MatchResult> constants = CONSTANT.matcher(code).results().toList();
        code = CONSTANT.matcher(code).replaceAll("");
        for (MatchResult constant : constants) {
            code = code.replaceAll("\\b" + constant.group(1) + "\\b", Matcher.quoteReplacement(constant.group(2)));
        }
        Map<String, String> names = new HashMap<>();
        return PRIVATE.matcher(code).replaceAll(name -> "#" + names.computeIfAbsent(name.group(1), known -> nameOf(names.size())));
    }

    /** {@code a} to {@code z}, and then {@code a1} and so on. */
    private static String nameOf(int number) {
        String letter = String.valueOf((char) ('a' + number % LETTERS));
        return number < LETTERS ? letter : letter + number / LETTERS;
    }

    private static String read(String name) {
        try (var file = Objects.requireNonNull(ClientFiles.class.getResourceAsStream("/client/" + name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the browser client cannot be read from the class path", e);
        }
    }

    private static String tagOf(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
