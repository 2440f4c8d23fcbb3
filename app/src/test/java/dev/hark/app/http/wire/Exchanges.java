package dev.hark.app.http.wire;

import java.util.ArrayList;
import java.util.List;

/** The table of requests, of which each has one right answer (RFC 9110 and 9112). */
final class Exchanges {
    /** What a body holds that would rather be a request. */
    private static final String SMUGGLED = "POST /topics/{s} HTTP/1.1|Host: localhost|Content-Length: 1||x";

    private static final int SMUGGLED_BYTES = new Exchange("", SMUGGLED, 0, 0, false, false).bytes(0).length;

    private static final String CHUNKED = "POST /topics/{t} HTTP/1.1|Host: localhost|Transfer-Encoding: chunked||";

    private final List<Exchange> rows = new ArrayList<>();

    private Exchanges() {
        requestLines();
        targets();
        versions();
        lineEnds();
        hosts();
        fields();
        lengths();
        codings();
        chunks();
        connections();
        expectations();
        bodiesNobodyWants();
    }

    static List<Exchange> all() {
        return List.copyOf(new Exchanges().rows);
    }

    private void requestLines() {
        taken("a publish", publish(""));
        refused("two blanks before the target", "POST  /topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("two blanks before the version", "POST /topics/{t}  HTTP/1.1|Host: localhost||", 400);
        refused("a tab before the target", "POST\t/topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("a tab before the version", "POST /topics/{t}\tHTTP/1.1|Host: localhost||", 400);
        refused("a blank before the method", " POST /topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("a blank behind the version", "POST /topics/{t} HTTP/1.1 |Host: localhost||", 400);
        refused("no target", "POST HTTP/1.1|Host: localhost||", 400);
        refused("no HTTP at all", "\u0016\u0003\u0001\u0002\u0000\u0001", 400);
        refused("post", publish("").replace("POST", "post"), 501);
        refused("Post", publish("").replace("POST", "Post"), 501);
        refused("pOST", publish("").replace("POST", "pOST"), 501);
        refused("a method that is none", "G@T / HTTP/1.1|Host: localhost||", 400);
        refused("a method with NUL", "PO\u0000ST /topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("LF within a method", "PO\nST /topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("a method beyond ASCII", "P\u00d6ST /topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("an unknown method", "BREW /topics/{t} HTTP/1.1|Host: localhost||", 501);
        refused("an endless method", "P".repeat(10_000), 501);
        refused("CONNECT", "CONNECT localhost:8080 HTTP/1.1|Host: localhost:8080||", 501);
        refused("the preface of HTTP/2", "PRI * HTTP/2.0||SM||", 501);
        answered("PUT", "PUT /topics/{t} HTTP/1.1|Host: localhost|Content-Length: 2||hi", 405, 404);
        answered("DELETE of a topic whose newest event does not stay", "DELETE /topics/{t} HTTP/1.1|Host: localhost||", 400, 404);
        answered("DELETE", "DELETE /events HTTP/1.1|Host: localhost||", 405, 404);
        answered("PATCH", "PATCH /topics/{t} HTTP/1.1|Host: localhost||", 405, 404);
        answered("TRACE", "TRACE /topics/{t} HTTP/1.1|Host: localhost||", 405, 404);
        answered("OPTIONS *", "OPTIONS * HTTP/1.1|Host: localhost||", 204, 204);
        answered("OPTIONS /", "OPTIONS / HTTP/1.1|Host: localhost||", 204, 204);
        answered("OPTIONS of a URL without a path", "OPTIONS http://localhost HTTP/1.1|Host: localhost||", 204, 204);
    }

    private void targets() {
        refused("a query without a path", "GET ?a HTTP/1.1|Host: localhost||", 400);
        refused("a fragment", "GET #x HTTP/1.1|Host: localhost||", 400);
        refused("a fragment behind a path", "POST /topics/{t}#x HTTP/1.1|Host: localhost||", 400);
        refused("* for POST", "POST * HTTP/1.1|Host: localhost||", 400);
        refused("a path without a slash", "POST topics/{t} HTTP/1.1|Host: localhost||", 400);
        refused("authority-form", "POST localhost:8080 HTTP/1.1|Host: localhost||", 400);
        taken("absolute-form", absolute("http://localhost/topics/{t}"));
        taken("absolute-form in capitals", absolute("HTTP://LOCALHOST/topics/{t}"));
        taken("absolute-form with a port", absolute("http://localhost:8080/topics/{t}"));
        taken("absolute-form with a colon and no port", absolute("http://localhost:/topics/{t}"));
        taken("absolute-form with an IPv6 address", absolute("http://[::1]:8080/topics/{t}"));
        taken("absolute-form of https", absolute("https://localhost/topics/{t}?type=a"));
        taken("absolute-form against another Host", absolute("http://localhost/topics/{t}").replace("Host: localhost", "Host: other.test"));
        answered("absolute-form of another host", absolute("http://other.test/topics/{t}"), 421, 421);
        answered("absolute-form without a path", "GET http://localhost HTTP/1.1|Host: localhost||", 302, 404);
        answered("absolute-form with a query alone", "GET http://localhost?a=b HTTP/1.1|Host: localhost||", 302, 404);
        refused("absolute-form without Host", "GET http://localhost/topics/{t} HTTP/1.1||", 400);
        refused("absolute-form without a host", absolute("http:///topics/{t}"), 400);
        refused("absolute-form with a user", absolute("http://me@localhost/topics/{t}"), 400);
        refused("absolute-form with a port that is none", absolute("http://localhost:x/topics/{t}"), 400);
        refused("absolute-form of another scheme", absolute("ftp://localhost/topics/{t}"), 400);
        refused("absolute-form with brackets in the path", absolute("http://localhost/topics/[{t}]"), 400);
        for (String broken : List.of("%", "%4", "%zz", "%4g", "a%", "a%2")) {
            refused(broken + " in a path", "POST /topics/{t}/" + broken + " HTTP/1.1|Host: localhost||", 400);
            refused(broken + " in a query", "POST /topics/{t}?type=" + broken + " HTTP/1.1|Host: localhost||", 400);
        }
        answered("escapes that are no UTF-8", "POST /topics/{t}/%ff HTTP/1.1|Host: localhost||", 400, 404);
        answered("a query that is no UTF-8", "POST /topics/{t}?key=%ff HTTP/1.1|Host: localhost||", 400, 404);
        for (String character : List.of("\u00fc", "\u0000", "\u0001", "\u007f", "\"", "<", ">",
                "\\", "^", "`", "{", "}", "{bar}", "[", "]")) {
            refused(character + " in a path", "POST /topics/{t}/" + character + "a HTTP/1.1|Host: localhost||", 400);
        }
        for (String character : List.of("\u00fc", "\u0000", "\u0001", "\u007f", "\"", "<", ">")) {
            refused(character + " in a query", "POST /topics/{t}?key=" + character + "a HTTP/1.1|Host: localhost||", 400);
        }
        taken("what browsers leave as it is in a query", publish("").replace("{t}", "{t}?key=\\^`{bar}[]"));
        taken("all that a query may hold", publish("").replace("{t}", "{t}?key=-._~!$'()*+,;=:@/?%41"));
        answered("slashes alone", "POST /// HTTP/1.1|Host: localhost||", 404, 404);
        refused("a target without end", "GET /" + "x".repeat(300_000), 414);
        refused("a target that is too long", "POST /topics/{t}?type=" + "x".repeat(300_000) + " HTTP/1.1|Host: localhost||", 414);
    }

    private void versions() {
        closed("HTTP/1.0", "POST /topics/{t} HTTP/1.0|Host: localhost|Content-Length: 2||hi", 201, 404);
        closed("HTTP/1.0 without Host", "POST /topics/{t} HTTP/1.0|Content-Length: 2||hi", 201, 404);
        closed("HTTP/1.0 that would stay", "POST /topics/{t} HTTP/1.0|Connection: keep-alive|Content-Length: 2||hi", 201, 404);
        closed("HTTP/1.0 that expects", "POST /topics/{t} HTTP/1.0|Expect: 100-continue|Content-Length: 2||hi", 201, 404);
        closed("OPTIONS / HTTP/1.0", "OPTIONS / HTTP/1.0||", 204, 204);
        closed("HEAD of HTTP/1.0", "HEAD /problems/malformed HTTP/1.0||", 200, 404);
        refused("HTTP/1.0 in chunks", "POST /topics/{t} HTTP/1.0|Transfer-Encoding: chunked||2|hi|0||", 400);
        taken("HTTP/1.2", publish("").replace("HTTP/1.1", "HTTP/1.2"));
        taken("HTTP/1.9", publish("").replace("HTTP/1.1", "HTTP/1.9"));
        refused("HTTP/2.0", publish("").replace("HTTP/1.1", "HTTP/2.0"), 505);
        refused("HTTP/3.0", publish("").replace("HTTP/1.1", "HTTP/3.0"), 505);
        refused("HTTP/0.9", publish("").replace("HTTP/1.1", "HTTP/0.9"), 505);
        refused("no version", "GET /topics/{t}|", 400);
        for (String version : List.of("http/1.1", "HTTP/11", "HTTP/1.", "HTTP/1,1", "HTTP/1.10", "HTTP/01.1", "HTTP 1.1", "HTTPS/1.1",
                "ICY/1.1")) {
            refused(version, publish("").replace("HTTP/1.1", version), 400);
        }
    }

    private void lineEnds() {
        taken("an empty line before", "|" + publish(""));
        taken("four empty lines before", "||||" + publish(""));
        taken("an empty line behind a body", publish("") + '|');
        taken("four empty lines behind a body", publish("") + "||||");
        taken("an empty line behind chunks", CHUNKED + "2|hi|0|||");
        refused("five empty lines before", "|||||" + publish(""), 400);
        refused("an LF before", "\n" + publish(""), 400);
        refused("a CR before", "\r" + publish(""), 400);
        refused("LF behind the request line", "POST /topics/{t} HTTP/1.1\nHost: localhost|Content-Length: 2||hi", 400);
        refused("LF behind a field", "POST /topics/{t} HTTP/1.1|Host: localhost\nContent-Length: 2||hi", 400);
        refused("LF at the end", "POST /topics/{t} HTTP/1.1|Host: localhost|Content-Length: 2|\nhi", 400);
        refused("LF alone throughout", "POST /topics/{t} HTTP/1.1\nHost: localhost\nContent-Length: 2\n\nhi", 400);
        refused("CR alone", "POST /topics/{t} HTTP/1.1\rHost: localhost\r\rhi", 400);
        refused("CR CR LF", "POST /topics/{t} HTTP/1.1\r|Host: localhost||", 400);
    }

    private void hosts() {
        refused("no Host", "POST /topics/{t} HTTP/1.1|Content-Length: 2||hi", 400);
        refused("the same Host twice", publish("Host: localhost|"), 400);
        refused("two Hosts", publish("Host: other.test|"), 400);
        for (String host : List.of(
                "", "local host", "localhost, localhost", "localhost/", "me@localhost", "localhost:x", "localhost:99999", "[::1", "[]",
                "[x]",
                "::1", "local\"host", "localhost:80:80", "%zz", "l\u00f6calhost")) {
            refused("Host '" + host + "'", publish("").replace("Host: localhost", "Host: " + host), 400);
        }
        for (String host : List.of("localhost:", "localhost:8080", "LOCALHOST", "127.0.0.1", "[::1]", "[::1]:8080", "localhost.")) {
            taken("Host '" + host + "'", publish("").replace("Host: localhost", "Host: " + host));
        }
    }

    private void fields() {
        taken("a name in small letters", publish("").replace("Host", "host").replace("Content-Length", "content-length"));
        taken("a name in capitals", publish("").replace("Host", "HOST").replace("Content-Length", "CONTENT-LENGTH"));
        taken("no blank behind the colon", publish("").replace(": ", ":"));
        taken("tabs and blanks around values", publish("").replace(": ", ":\t  ").replace("2||", "2 \t ||"));
        taken("an empty value", publish("X:|"));
        taken("bytes beyond ASCII in a value", publish("User-Agent: \u00fc\u00ff|"));
        taken("an unknown field with odd characters", publish("!#$%&'*+-.^_`{bar}~: x|"));
        taken("Transfer_Encoding, which is another field", publish("Transfer_Encoding: chunked|"));
        taken("TE", publish("TE: trailers|Connection: TE|"));
        taken("an upgrade to h2c", publish("Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA|"));
        taken("an upgrade to websocket", publish("Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|"));
        refused("a line without a colon", publish("Broken|"), 400);
        refused("a line that begins with a colon", publish(": x|"), 400);
        refused("a blank before the colon", publish("X : y|"), 400);
        refused("a tab before the colon", publish("X\t: y|"), 400);
        refused("a blank in a name", publish("X y: z|"), 400);
        refused("a parenthesis in a name", publish("X(y): z|"), 400);
        refused("a name beyond ASCII", publish("X\u00fc: z|"), 400);
        refused("NUL in a name", publish("X\u0000: z|"), 400);
        refused("a folded line", publish("X: y|  z|"), 400);
        refused("a line folded with a tab", publish("X: y|\tz|"), 400);
        refused("a folded line at the beginning", "POST /topics/{t} HTTP/1.1| X: y|Host: localhost||", 400);
        for (String control : List.of("\u0000", "\u0001", "\u000b", "\u001b", "\u007f", "\r", "\n")) {
            refused("the byte " + (int) control.charAt(0) + " in a value", publish("X: a" + control + "b|"), 400);
        }
        refused("a large cookie", publish("Cookie: " + "c".repeat(17_000) + '|'), 431);
        refused("many fields", publish("X: y|".repeat(20_000)), 431);
        refused("a long name", publish("x".repeat(17_000) + ": y|"), 431);
        refused("blanks without end", publish("X:" + " ".repeat(17_000) + "y|"), 431);
        taken("as large a cookie as may be", publish("Cookie: " + "c".repeat(16_000) + '|'));
    }

    private void lengths() {
        taken("no body", "POST /topics/{t} HTTP/1.1|Host: localhost||");
        taken("length 0", "POST /topics/{t} HTTP/1.1|Host: localhost|Content-Length: 0||");
        taken("zeros before the length", publish("").replace("Length: 2", "Length: 0002"));
        refused("the same length twice", publish("Content-Length: 2|"), 400);
        refused("two lengths", publish("Content-Length: 3|"), 400);
        for (String length : List.of("", "2, 2", "2,2", "+2", "-2", "2 2", "0x2", "2.0", "2e0", "2;", "\"2\"", "99999999999999999999",
                "two")) {
            refused("length '" + length + "'", publish("").replace("Length: 2", "Length: " + length), 400);
        }
        refused("a length beyond all limits", "POST /topics/{t} HTTP/1.1|Host: localhost|Content-Length: 99999999||", 413);
    }

    private void codings() {
        taken("chunked", CHUNKED + "2|hi|0||");
        taken("Chunked", CHUNKED.replace("chunked", "Chunked") + "2|hi|0||");
        taken("CHUNKED", CHUNKED.replace("chunked", "CHUNKED") + "2|hi|0||");
        taken("chunked between blanks", CHUNKED.replace("chunked", "\tchunked \t") + "2|hi|0||");
        refused("a length behind chunked", CHUNKED.replace("chunked||", "chunked|Content-Length: 2||") + "2|hi|0||", 400);
        refused("a length before chunked", CHUNKED.replace("Transfer", "Content-Length: 12|Transfer") + "2|hi|0||", 400);
        refused("chunked twice", CHUNKED.replace("chunked||", "chunked|Transfer-Encoding: chunked||") + "2|hi|0||", 400);
        refused("chunked behind identity", CHUNKED.replace("Transfer", "Transfer-Encoding: identity|Transfer") + "2|hi|0||", 400);
        refused("gzip, chunked", CHUNKED.replace("chunked", "gzip, chunked") + "2|hi|0||", 501);
        refused("gzip,\tchunked", CHUNKED.replace("chunked", "gzip,\tchunked") + "2|hi|0||", 501);
        for (String coding : List.of(
                "", "gzip", "identity", "chunked, gzip", "chunked, chunked", "chunked;q=1", "\"chunked\"", "x chunked", "chunked,",
                ",chunked",
                "xchunked", "chunked\u000b")) {
            refused("transfer encoding '" + coding + "'", CHUNKED.replace("chunked", coding) + "2|hi|0||", 400);
        }
        refused("a blank behind Transfer-Encoding", CHUNKED.replace("Encoding:", "Encoding :") + "2|hi|0||", 400);
        taken("content coding identity", publish("Content-Encoding: identity|"));
        taken("content coding Identity", publish("Content-Encoding: Identity|"));
        taken("no content coding", publish("Content-Encoding:|"));
        taken("a content coding of no body", "POST /topics/{t} HTTP/1.1|Host: localhost|Content-Encoding: gzip||");
        refused("content coding gzip", publish("Content-Encoding: gzip|"), 415);
        refused("content coding gzip in chunks", CHUNKED.replace("||", "|Content-Encoding: gzip||") + "2|hi|0||", 415);
        refused("content coding gzip, identity", publish("Content-Encoding: gzip, identity|"), 415);
        refused("content coding identity and br", publish("Content-Encoding: identity|Content-Encoding: br|"), 415);
    }

    private void chunks() {
        taken("chunks of a byte", CHUNKED + "1|h|1|i|0||");
        taken("zeros before a size", CHUNKED + "00000002|hi|000||");
        taken("a size in capitals", CHUNKED + "A|0123456789|0||");
        taken("a size in small letters", CHUNKED + "a|0123456789|0||");
        taken("an extension", CHUNKED + "2;a|hi|0||");
        taken("an extension with a value", CHUNKED + "2;a=b|hi|0;c=d||");
        taken("an extension in quotes", CHUNKED + "2;a=\"b;\\\"c\"|hi|0||");
        taken("an extension behind blanks", CHUNKED + "2 \t;a=b|hi|0||");
        taken("a trailer", CHUNKED + "2|hi|0|X: y||");
        taken("a trailer of several fields", CHUNKED + "2|hi|0|X: y|Content-Length: 5|Transfer-Encoding: chunked|Host: h||");
        broken("a trailer that is none", "2|hi|0|GET /topics/{s} HTTP/1.1|Host: localhost||", 400);
        broken("a trailer without a name", "2|hi|0|: y||", 400);
        broken("a trailer that is folded", "2|hi|0|X: y| z||", 400);
        broken("a trailer with a control character", "2|hi|0|X: \u0000||", 400);
        broken("a trailer without end", "2|hi|0|" + "X: y|".repeat(10_000), 431);
        for (String size : List.of(
                "", "+2", "-2", "0x2", " 2", "2 ", "\t2", "2_", "g", "2,", "000000002", "ffffffffff", "two", "2\r", "\"2\"", "2=b")) {
            broken("chunk size '" + size + "'", size + "|hi|0||", 400);
        }
        broken("LF behind a chunk's size", "2\nhi|0||", 400);
        broken("LF in an extension", "2;a\nhi|0||", 400);
        broken("CR in an extension", "2;a\rb|hi|0||", 400);
        broken("LF behind a chunk", "2|hi\n0||", 400);
        broken("nothing behind a chunk", "2|hi0||", 400);
        broken("a chunk that is longer", "2|hi!|0||", 400);
        broken("LF at the end of chunks", "2|hi|0|\n", 400);
        broken("LF behind the last chunk", "2|hi|0\n|", 400);
        broken("extensions without end", "2;" + "a".repeat(10_000), 400);
        broken("a chunk beyond all limits", "7fffffff|hi", 413);
    }

    private void connections() {
        for (String close : List.of("close", "Close", "CLOSE", "close, TE", "TE,close", "keep-alive, close", "\tclose\t", ",close,",
                "close, close")) {
            closed("Connection: " + close, publish("Connection: " + close + '|'), 201, 404);
        }
        closed("close in the second line", publish("Connection: TE|Connection: close|"), 201, 404);
        closed("close in the first line", publish("Connection: close|Connection: keep-alive|"), 201, 404);
        closed("close behind a refused body",
                "POST /nope HTTP/1.1|Host: localhost|Connection: close|Content-Length: " + SMUGGLED_BYTES + "||" + SMUGGLED, 404, 404);
        for (String stay : List.of("keep-alive", "closed", "x", "", "Content-Length", "Host", "\"close\"")) {
            taken("Connection: " + stay, publish("Connection: " + stay + '|'));
        }
        taken("Keep-Alive", publish("Keep-Alive: timeout=5, max=1|Proxy-Connection: close|"));
    }

    private void expectations() {
        taken("100-continue, and the body at once", publish("Expect: 100-continue|"));
        taken("100-Continue", publish("Expect: 100-Continue|"));
        taken("100-continue without a body", "POST /topics/{t} HTTP/1.1|Host: localhost|Expect: 100-continue||");
        refused("another expectation", publish("Expect: x|"), 417);
        refused("100-continue and another", publish("Expect: 100-continue, x|"), 417);
        refused("100-continue, and another line", publish("Expect: 100-continue|Expect: x|"), 417);
        answered("100-continue at a wrong place",
                "POST /nope HTTP/1.1|Host: localhost|Expect: 100-continue|Content-Length: " + SMUGGLED_BYTES + "||" + SMUGGLED, 404, 404);
    }

    private void bodiesNobodyWants() {
        String length = "Content-Length: " + SMUGGLED_BYTES + "||" + SMUGGLED;
        String chunk = "Transfer-Encoding: chunked||" + Integer.toHexString(SMUGGLED_BYTES) + '|' + SMUGGLED + "|0||";
        for (String body : List.of(length, chunk)) {
            String kind = body.startsWith("C") ? ", with a length" : ", in chunks";
            answered("a body of what is not there" + kind, "POST /nope HTTP/1.1|Host: localhost|" + body, 404, 404);
            answered("a body of a wrong method" + kind, "PUT /topics/{t} HTTP/1.1|Host: localhost|" + body, 405, 404);
            answered("a body of a topic that is none" + kind, "POST /topics/* HTTP/1.1|Host: localhost|" + body, 400, 404);
            answered("a body of GET" + kind, "GET /problems/malformed HTTP/1.1|Host: localhost|" + body, 200, 404);
            answered("a body of HEAD" + kind, "HEAD /problems/malformed HTTP/1.1|Host: localhost|" + body, 200, 404);
            answered("a batch that is none" + kind, "POST /events HTTP/1.1|Host: localhost|Content-Type: application/json|" + body, 400,
                    404);
            answered("a batch of a wrong type" + kind, "POST /events HTTP/1.1|Host: localhost|Content-Type: text/html|" + body, 415, 404);
            answered("a body of another host" + kind, "POST /topics/{t} HTTP/1.1|Host: other.test|" + body, 421, 421);
            answered("a body of a foreign page" + kind,
                    "POST /topics/{t} HTTP/1.1|Host: localhost|Origin: http://other.test|" + body, 403, 403);
        }
        int times = 1200;
        answered("an event that is too large",
                "POST /topics/{t} HTTP/1.1|Host: localhost|Content-Length: " + times * SMUGGLED_BYTES + "||" + SMUGGLED.repeat(times),
                413, 0);
        answered("HEAD of what is not there", "HEAD /nope HTTP/1.1|Host: localhost||", 404, 404);
        answered("HEAD of what is explained", "HEAD /problems/malformed HTTP/1.1|Host: localhost||", 200, 404);
        answered("HEAD of the metrics", "HEAD /metrics HTTP/1.1|Host: localhost||", 404, 200);
        answered("HEAD of health", "HEAD /health/live HTTP/1.1|Host: localhost||", 404, 200);
        answered("GET of health", "GET /health/live HTTP/1.1|Host: localhost||", 404, 200);
        closed("GET of health by HTTP/1.0", "GET /health/live HTTP/1.0||", 404, 200);
        closed("HEAD of health by HTTP/1.0", "HEAD /health/live HTTP/1.0||", 404, 200);
        closed("GET of a page by HTTP/1.0", "GET /demo/ HTTP/1.0||", 200, 404);
        closed("GET of the metrics by HTTP/1.0", "GET /metrics HTTP/1.0||", 404, 200);
    }

    /** Of two bytes, with more fields. */
    private static String publish(String fields) {
        return "POST /topics/{t} HTTP/1.1|Host: localhost|" + fields + "Content-Length: 2||hi";
    }

    private static String absolute(String target) {
        return "POST " + target + " HTTP/1.1|Host: localhost|Content-Length: 2||hi";
    }

    /** One event is stored, and the connection goes on. */
    private void taken(String name, String text) {
        answered(name, text, 201, 404);
    }

    /** Answered, and the connection goes on. */
    private void answered(String name, String text, int data, int admin) {
        rows.add(new Exchange(name, text, data, admin, false, false));
    }

    /** Answered, and then the connection ends. */
    private void closed(String name, String text, int data, int admin) {
        rows.add(new Exchange(name, text, data, admin, true, false));
    }

    /** Answered where the body is wanted, and then the connection ends. */
    private void broken(String name, String body, int status) {
        rows.add(new Exchange(name, CHUNKED + body, status, 404, true, true));
    }

    /** The same on both listeners, and then the connection ends, because nobody knows what follows. */
    private void refused(String name, String text, int status) {
        rows.add(new Exchange(name, text, status, status, true, false));
    }
}
