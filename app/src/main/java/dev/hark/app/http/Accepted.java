package dev.hark.app.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What the {@code Accept} fields of a request prefer (RFC 9110, section 12.5.1). Stateless. */
final class Accepted {
    private static final Pattern QUALITY = Pattern.compile("0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?");

    /** How well a range names a type: the type itself, all of its kind, anything. */
    private static final int EXACT = 3;
    private static final int KIND = 2;
    private static final int ANY = 1;

    private Accepted() {}

    /**
     * Whether JSON is wanted rather than a stream, which is what is given where both are as good, nothing is said, or neither is wanted.
     *
     * @param fields the values of the fields, in their order
     */
    static boolean prefersJson(List<String> fields) {
        List<String> ranges = fields.stream().flatMap(field -> split(field, ',').stream()).toList();
        return quality(ranges, "application", "json") > quality(ranges, "text", "event-stream");
    }

    /** That of the range that names the type best; 0 where none does. */
    private static double quality(List<String> ranges, String kind, String type) {
        int best = 0;
        double quality = 0;
        for (String range : ranges) {
            List<String> parts = split(range, ';');
            int how = match(parts.getFirst().toLowerCase(Locale.ROOT), kind, type);
            if (how > best) {
                best = how;
                quality = quality(parts);
            }
        }
        return quality;
    }

    private static int match(String range, String kind, String type) {
        if (range.equals(kind + '/' + type)) {
            return EXACT;
        }
        if (range.equals(kind + "/*")) {
            return KIND;
        }
        return range.equals("*/*") ? ANY : 0;
    }

    /** 1 where none is given; 0 where it is none: nobody knows what is meant. */
    private static double quality(List<String> parts) {
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            if (equals >= 0 && part.substring(0, equals).strip().equalsIgnoreCase("q")) {
                String weight = part.substring(equals + 1).strip();
                return QUALITY.matcher(weight).matches() ? Double.parseDouble(weight) : 0;
            }
        }
        return 1;
    }

    /** At each {@code separator} that is in no quoted string; stripped. */
    private static List<String> split(String text, char separator) {
        var parts = new ArrayList<String>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(from, i).strip());
                from = i + 1;
            }
        }
        parts.add(text.substring(from).strip());
        return parts;
    }
}
