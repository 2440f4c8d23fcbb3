package dev.hark.app.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the field {@code Forwarded} (RFC 7239, section 4). Confined to one call. */
final class ForwardedField {
    private final String value;
    private int at;

    private ForwardedField(String value) {
        this.value = value;
    }

    /**
     * The {@code for} of each element, in order, without the quotes; empty texts for elements that have none.
     *
     * @throws IllegalArgumentException if {@code value} has another form than the field's
     */
    static List<String> nodes(String value) {
        return new ForwardedField(value).read();
    }

    private List<String> read() {
        List<String> nodes = new ArrayList<>();
        do {
            nodes.add(element());
        } while (skip(','));
        if (at < value.length()) {
            throw malformed();
        }
        return nodes;
    }

    private String element() {
        Set<String> seen = new HashSet<>();
        String node = "";
        space();
        do {
            @Nullable String name = token();
            if (name != null) {
                String lower = name.toLowerCase(Locale.ROOT);
                if (!seen.add(lower) || !skip('=')) {
                    throw malformed();
                }
                String text = skip('"') ? quoted() : token();
                if (text == null) {
                    throw malformed();
                }
                if (lower.equals("for")) {
                    node = text;
                }
            }
        } while (skip(';'));
        space();
        return node;
    }

    /** The rest of a quoted string (RFC 9110, section 5.6.4). */
    private String quoted() {
        var text = new StringBuilder();
        while (at < value.length()) {
            char c = value.charAt(at++);
            if (c == '"') {
                return text.toString();
            }
            if (c == '\\') {
                if (at == value.length()) {
                    break;
                }
                c = value.charAt(at++);
            }
            text.append(c);
        }
        throw malformed();
    }

    /** A token (RFC 9110, section 5.6.2), or null where none stands. */
    private @Nullable String token() {
        int start = at;
        while (at < value.length() && isTokenCharacter(value.charAt(at))) {
            at++;
        }
        return at == start ? null : value.substring(start, at);
    }

    private static boolean isTokenCharacter(char c) {
        return (c < 0x80 && Character.isLetterOrDigit(c)) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private boolean skip(char c) {
        boolean there = at < value.length() && value.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void space() {
        while (at < value.length() && (value.charAt(at) == ' ' || value.charAt(at) == '\t')) {
            at++;
        }
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("no Forwarded");
    }
}
