package dev.hark.app.config;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A text with gaps that each message fills: <code>{exchange}/{routing-key}</code>, <code>users/{header.user}</code>,
 * <code>orders/{json./order/id}</code>.
 */
public record MessageTemplate(List<Part> parts) {
    private static final String HEADER = "header.";
    private static final String JSON = "json.";

    public MessageTemplate {
        parts = List.copyOf(parts);
    }

    /** What is between two others. */
    public sealed interface Part {
        /** Itself. */
        record Text(String text) implements Part {}

        /** What AMQP says of a message. */
        record Property(Name name) implements Part {}

        /** One of its headers. */
        record Header(String name) implements Part {}

        /** A value in its data. */
        record Pointer(JsonPointer pointer) implements Part {}
    }

    /** What AMQP says of a message. */
    public enum Name {
        EXCHANGE,
        ROUTING_KEY,
        TYPE,
        MESSAGE_ID,
        CORRELATION_ID,
        APP_ID;

        /** As a template spells it. */
        public String configName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** @throws IllegalArgumentException if it cannot be read; the message says which part */
    public static MessageTemplate parse(String text) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('{', at);
            String before = text.substring(at, open < 0 ? text.length() : open);
            if (before.indexOf('}') >= 0) {
                throw new IllegalArgumentException("a } without its {");
            }
            if (!before.isEmpty()) {
                parts.add(new Part.Text(before));
            }
            if (open < 0) {
                break;
            }
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException("a { without its }");
            }
            parts.add(gap(text.substring(open + 1, close)));
            at = close + 1;
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("it is empty");
        }
        return new MessageTemplate(parts);
    }

    private static Part gap(String what) {
        if (what.startsWith(HEADER) && what.length() > HEADER.length()) {
            return new Part.Header(what.substring(HEADER.length()));
        }
        if (what.startsWith(JSON + '/')) {
            return new Part.Pointer(JsonPointer.compile(what.substring(JSON.length())));
        }
        return Stream.of(Name.values())
                .filter(each -> each.configName().equals(what))
                .map(Part.Property::new)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException('{' + what + "} is none of " + Stream.of(Name.values())
                        .map(each -> '{' + each.configName() + '}')
                        .collect(Collectors.joining(", ")) + ", {header.NAME}, {json./POINTER}"));
    }
}
