package dev.hark.app.http.wire;

import java.nio.charset.StandardCharsets;

/**
 * A request, byte by byte, and the right answer.
 *
 * @param name what is about it
 * @param text the request, in which {@code |} is CR LF, {@code {t}} the topic that it may publish to, and {@code {s}} one that no event
 *     may reach
 * @param data the status on the data listener
 * @param admin the status on the admin listener; 0 where that has nothing to do with it
 * @param closes whether the connection ends with the answer
 * @param inBody whether what is wrong is within the body, and so noticed only where the body is read: behind an answer that needs none of
 *     it, the connection ends without another
 */
record Exchange(String name, String text, int data, int admin, boolean closes, boolean inBody) {
    /** The first segment of topics that no event may reach. */
    static final String SMUGGLED = "smuggled/";

    /** The request, about topics that nothing else is about; as long for each number. */
    byte[] bytes(int number) {
        return text.replace("|", "\r\n")
                .replace("{bar}", "|")
                .replace("{t}", topic(number))
                .replace("{s}", SMUGGLED + String.format("%04d", number))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    static String topic(int number) {
        return "table/" + number;
    }

    /** Whether an answer to it has no body whatever its head says. */
    boolean head() {
        return text.startsWith("HEAD ");
    }

    @Override
    public String toString() {
        return name;
    }
}
