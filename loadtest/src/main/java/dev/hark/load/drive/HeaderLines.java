package dev.hark.load.drive;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Header lines of requests, such as {@code Accept: text/event-stream}, without line ends. Names are the same in upper and lower case. */
final class HeaderLines {
    /** These say where a body ends, which the sender of the body knows better. */
    private static final List<String> FRAMING = List.of("Content-Length", "Transfer-Encoding");

    private HeaderLines() {}

    /**
     * The lines, if a request may have them.
     *
     * @param option what they came from, for the message
     * @throws IllegalArgumentException if one is no header, or says where the body ends
     */
    static List<String> checked(String option, List<String> lines) {
        for (String line : lines) {
            if (line.indexOf(':') < 1 || line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
                throw new IllegalArgumentException("%s '%s' is not of the form 'Name: value'".formatted(option, line));
            }
            if (FRAMING.stream().anyMatch(nameOf(line)::equalsIgnoreCase)) {
                throw new IllegalArgumentException("%s '%s' cannot be set: a body's length is counted".formatted(option, line));
            }
        }
        return List.copyOf(lines);
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

    private static String nameOf(String line) {
        return line.substring(0, line.indexOf(':')).strip();
    }
}
