package dev.hark.app.http;

import io.github.bucket4j.Bucket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * What was refused, and why: a line each, under the id that the answer carries. What strangers send stands there without anything that
 * could look like another line, and never a secret; and so few lines a second that nobody fills a disk with them. Thread-safe.
 */
public final class AuditLog {
    static final String NAME = "dev.hark.audit";

    private static final System.Logger LOGGER = System.getLogger(NAME);
    private static final int LINES_A_SECOND = 20;
    private static final int MAX_CHARACTERS = 400;
    private static final int ID_BYTES = 8;

    /** Controls, format characters, line and paragraph separators, and halves of characters. */
    private static final Pattern UNSAFE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private final SecureRandom random = new SecureRandom();
    private final Bucket lines = Bucket.builder()
            .addLimit(limit -> limit.capacity(LINES_A_SECOND).refillGreedy(LINES_A_SECOND, Duration.ofSeconds(1))).build();
    private final AtomicLong unsaid = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /**
     * Takes note of a refusal.
     *
     * @param path without its query, which may hold a secret
     * @return the id of the line
     */
    String refused(String address, String method, String path, String why) {
        refused.incrementAndGet();
        var bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        if (lines.tryConsume(1)) {
            long before = unsaid.getAndSet(0);
            LOGGER.log(System.Logger.Level.INFO, "refused " + id + ": " + safe(method + ' ' + path) + " from " + address + ": " + safe(why)
                    + (before == 0 ? "" : " (" + before + " more refusals before this one have no line)"));
        } else {
            unsaid.incrementAndGet();
        }
        return id;
    }

    /** Takes note of something that an operator did. */
    public void done(String what) {
        LOGGER.log(System.Logger.Level.INFO, safe(what));
    }

    /** How many requests were refused for who sent them. */
    public long refusals() {
        return refused.get();
    }

    static String safe(String text) {
        String shortened = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "…" : text;
        return UNSAFE.matcher(shortened).replaceAll("?");
    }
}
