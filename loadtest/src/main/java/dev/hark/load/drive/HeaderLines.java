package dev.hark.load.drive;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Header lines of requests, such as {@code Accept: text/event-stream}, without line ends. Names are the same in upper and lower case. */
final class HeaderLines {
    /** These say where a body ends, which the sender of the body knows better. */
    private static final List<String> FRAMING = List.of("Content-Length", "Transfer-Encoding");

    /** RFC 9110, 5.6.2. */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** RFC 9110, 5.5: of control characters, a value may have the tab only. */
    private static final Pattern VALUE = Pattern.compile("[^\\x00-\\x08\\x0A-\\x1F\\x7F]*");

    private HeaderLines() {}

    /**
     * The lines, if a request may have them. Values, which may be secrets, are in no message.
     *
     * @param option what they came from, for the message
     * @throws IllegalArgumentException if one is no header, or says where the body ends or to whom the request goes
     */
    static List<String> checked(String option, List<String> lines) {
        lines.forEach(line -> problem(line).ifPresent(problem -> {
            throw new IllegalArgumentException("%s '%s' %s".formatted(option, withoutValue(line), problem));
        }));
        return List.copyOf(lines);
    }

    /** Whether it may be the name of a header, or of a method. */
    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /** {@code text} on one line, for messages. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "\uFFFD");
    }

    /** Both, but of {@code lower} only those whose names are not among {@code upper}. */
    static List<String> over(List<String> lower, List<String> upper) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        upper.forEach(line -> names.add(nameOf(line)));
        var all = new ArrayList<String>();
        lower.stream().filter(line -> !names.contains(nameOf(line))).forEach(all::add);
        all.addAll(upper);
        return all;
    }

    static Optional<String> value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> nameOf(line).equalsIgnoreCase(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    private static String withoutValue(String line) {
        int colon = line.indexOf(':');
        int end = colon < 0 ? line.indexOf(' ') : colon;
        return end < 0 ? printable(line) : printable(line.substring(0, end)) + (colon < 0 ? " ..." : ": ...");
    }

    private static Optional<String> problem(String line) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            return Optional.of("is not of the form 'Name: value'");
        }
        String name = line.substring(0, colon);
        if (!isToken(name)) {
            return Optional.of(
                    "is not of the form 'Name: value': '" + printable(name) + "' is no header's name; give each header by itself");
        }
        if (!VALUE.matcher(line.substring(colon)).matches()) {
            return Optional.of("has a control character in its value, such as the end of a line; leave it out");
        }
        if (FRAMING.stream().anyMatch(name::equalsIgnoreCase)) {
            return Optional.of("cannot be set: a body's length is counted");
        }
        return name.equalsIgnoreCase("Host") ? Optional.of("cannot be set: it is taken from the URL") : Optional.empty();
    }

    private static String nameOf(String line) {
        return line.substring(0, line.indexOf(':')).strip();
    }
}
