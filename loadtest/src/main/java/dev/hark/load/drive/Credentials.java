package dev.hark.load.drive;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What requests bring to show who they come from. Does not print what that is.
 *
 * @param streams of those that subscribe
 * @param publishers of those that publish
 * @param tickets whether each stream first gets a ticket with what it has, and opens with that
 */
public record Credentials(Bearer streams, Bearer publishers, boolean tickets) {
    /** Nothing, or what is said as a header. */
    public static final Credentials NONE = new Credentials(new Bearer.Nobody(), new Bearer.Nobody(), false);

    /** RFC 6750, section 2.1, and what else may stand in a header. */
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");

    /** Whose token a request bears. */
    public sealed interface Bearer {
        /** Nobody's. */
        record Nobody() implements Bearer {
            @Override
            public String toString() {
                return "nothing";
            }
        }

        /** One for all: a token, or a key. */
        record Shared(String token) implements Bearer {
            /** @throws IllegalArgumentException if it cannot stand in a header */
            public Shared {
                if (!TOKEN.matcher(token).matches()) {
                    // Not what it is: it may be a secret all the same.
                    throw new IllegalArgumentException("the token is empty, or has characters that no token or key has");
                }
            }

            @Override
            public String toString() {
                return "a token for all";
            }
        }

        /** One for each. */
        record Own(SignedTokens tokens) implements Bearer {
            @Override
            public String toString() {
                return "a token for each (" + tokens + ')';
            }
        }
    }

    /** @throws IllegalArgumentException if there are to be tickets, and nothing to get them with */
    public Credentials {
        if (tickets && streams instanceof Bearer.Nobody) {
            throw new IllegalArgumentException("--tickets needs a token to get them with: --token, --token-file or --token-secret");
        }
    }

    /** Header lines of what a stream asks: for its ticket, or with its token. */
    List<String> ofStream(long number, String topic) {
        return switch (streams) {
            case Bearer.Nobody nobody -> List.of();
            case Bearer.Shared(String token) -> List.of(line(token));
            case Bearer.Own(SignedTokens tokens) -> List.of(line(tokens.forStream(number, topic)));
        };
    }

    /** Header lines of what is published to {@code topics}. */
    List<String> ofPublisher(List<String> topics) {
        return switch (publishers) {
            case Bearer.Nobody nobody -> List.of();
            case Bearer.Shared(String token) -> List.of(line(token));
            case Bearer.Own(SignedTokens tokens) -> List.of(line(tokens.forPublisher(filter(topics))));
        };
    }

    /** One filter for all: a run's topics differ in their last segment, and a token that named thousands would be too long. */
    private static String filter(List<String> topics) {
        String first = topics.getFirst();
        return topics.size() == 1 ? first : first.substring(0, first.lastIndexOf('/') + 1) + '*';
    }

    private static String line(String token) {
        return "Authorization: Bearer " + token;
    }

    boolean isNone() {
        return equals(NONE);
    }

    /** Which there are, for reports: never what they are. */
    public String inWords() {
        if (isNone()) {
            return "";
        }
        return "streams with " + streams + (tickets ? ", by tickets" : "") + ", publishing with " + publishers;
    }
}
