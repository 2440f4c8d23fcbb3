package dev.hark.app;

import dev.hark.app.access.ApiKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The switch {@code -Dhark.test.access=true}: every hub that a test starts with the repository's application.yaml, in its own process or
 * as a program, says who may do what, and whoever asks it shows a key. What is tested without access control holds with it too.
 */
public final class TestAccess {
    private static final boolean ON = Boolean.getBoolean("hark.test.access");
    private static final String KEY = ApiKey.create();

    /** The ports of the hubs that know the key. */
    private static final Set<Integer> HUBS = ConcurrentHashMap.newKeySet();

    private TestAccess() {}

    /** Whether a hub with {@code settings} is to say who may do what: not where the test says that itself, or counts callers by address. */
    static boolean isFor(Stream<String> settings) {
        return ON && settings.noneMatch(setting -> Stream.of("auth.", "limits.", "server.tls", "admin.tls").anyMatch(setting::startsWith));
    }

    /** Those that ask whatever they like may do all; who shows a key, too. */
    static List<String> settings() {
        return List.of("auth.anonymous.publish.0=**", "auth.anonymous.subscribe.0=**", "auth.keys.0.name=test",
                "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY), "auth.keys.0.publish.0=**", "auth.keys.0.subscribe.0=**");
    }

    static void started(int port) {
        HUBS.add(port);
    }

    static void stopped(int port) {
        HUBS.remove(port);
    }

    /** Whether a request to {@code port} is to show {@link #bearer}. */
    static boolean isAsked(int port) {
        return ON && HUBS.contains(port);
    }

    static String bearer() {
        return "Bearer " + KEY;
    }
}
