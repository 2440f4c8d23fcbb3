package dev.hark.load.measure;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody probably meant who wrote a name that there is not. */
public final class Nearest {
    /** Names further apart than this are not taken for each other. */
    private static final int MAX_DISTANCE = 4;

    private Nearest() {}

    /** A question to end a message with, such as {@code ; did you mean 'streams.count'?}; empty where nothing is near. */
    public static String question(Collection<String> known, String given) {
        return of(known, given).map(name -> "; did you mean '" + name + "'?").orElse("");
    }

    /** The name that is nearest, or whose last part was given; nothing where none is near. */
    public static Optional<String> of(Collection<String> known, String given) {
        String name = given.toLowerCase(Locale.ROOT);
        Optional<String> byPart = known.stream().filter(each -> each.toLowerCase(Locale.ROOT).endsWith("." + name)).findFirst();
        if (byPart.isPresent()) {
            return byPart;
        }
        // Of a short name more than half may not be wrong.
        int most = Math.min(MAX_DISTANCE, Math.max(1, name.length() / 2));
        return known.stream()
                .min(Comparator.comparingInt(each -> distance(each.toLowerCase(Locale.ROOT), name)))
                .filter(each -> distance(each.toLowerCase(Locale.ROOT), name) <= most);
    }

    /** Levenshtein's distance. */
    static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int above = row[j];
                int changed = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[right.length()];
    }
}
