package dev.hark.app.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.hark.app.client.Clients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that {@code tokens.mjs} has made with npm jose, and a server that has the keys of two of their issuers. Thread-safe.
 */
final class TokenCases implements AutoCloseable {
    /** When they are tried. */
    static final Instant NOW = Instant.parse("2026-09-21T13:33:20Z");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final HttpServer server;
    private final List<String> strayRequests = new CopyOnWriteArrayList<>();
    private final List<TokenCase> all;

    /**
     * One of them.
     *
     * @param why       what the log says of why it does not hold; null where it does
     * @param subscribe what it lets subscribe to
     * @param publish   what it lets publish to
     */
    record TokenCase(String name, String token, @Nullable String why, Set<String> subscribe, Set<String> publish) {
        static TokenCase of(String line) {
            try {
                JsonNode json = JSON.readTree(line);
                return new TokenCase(json.path("name").asText(), json.path("token").asText(), json.path("why").asText(null),
                        texts(json.path("subscribe")), texts(json.path("publish")));
            } catch (JsonProcessingException e) {
                throw new AssertionError(line, e);
            }
        }

        private static Set<String> texts(JsonNode list) {
            return list.valueStream().map(JsonNode::asText).collect(Collectors.toCollection(TreeSet::new));
        }

        boolean holds() {
            return why == null;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private TokenCases(Path folder) throws IOException {
        this.folder = folder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
            if (!file.getFileName().toString().matches("(shop|twin)\\.json")) {
                strayRequests.add(exchange.getRequestURI().toString());
            }
            byte[] keys = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            exchange.sendResponseHeaders(keys.length == 0 ? 404 : 200, keys.length == 0 ? -1 : keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        server.start();
        Clients.script("issuers.mjs");
        this.all = Clients.runNode("tokens.mjs", folder.toString(), Long.toString(NOW.getEpochSecond()), uri("evil.json"))
                .stream().map(TokenCase::of).toList();
    }

    static TokenCases make(Path folder) {
        try {
            return new TokenCases(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String uri(String file) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + '/' + file;
    }

    List<TokenCase> all() {
        return all;
    }

    /** What was asked of the server beside the keys of the issuers. */
    List<String> strayRequests() {
        return List.copyOf(strayRequests);
    }

    /** The configuration of their issuers, as {@code --set} takes it. */
    String[] settings() {
        var set = new ArrayList<String>(List.of("auth.token-age=PT1H"));
        issuer(set, 0, "shop", "jwks=" + uri("shop.json"), "ES256");
        issuer(set, 1, "twin", "jwks=" + uri("twin.json"), "ES256");
        issuer(set, 2, "bank", "key-file=" + folder.resolve("bank.json"), "RS256", "PS256");
        issuer(set, 3, "tall", "key-file=" + folder.resolve("tall.pem"), "ES384");
        issuer(set, 4, "lamp", "key-file=" + folder.resolve("lamp.pem"), "EdDSA");
        issuer(set, 5, "vault", "key-file=" + folder.resolve("vault.secret"), "HS256", "HS512");
        return set.toArray(String[]::new);
    }

    private static void issuer(List<String> set, int index, String name, String keys, String... algorithms) {
        String issuer = "auth.issuers." + index + '.';
        set.addAll(List.of(issuer + "name=" + name, issuer + "issuer=https://" + name + ".example.com", issuer + keys,
                issuer + "grants.subscribe.0=users/{sub}/**"));
        for (int i = 0; i < algorithms.length; i++) {
            set.add(issuer + "algorithms." + i + '=' + algorithms[i]);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
