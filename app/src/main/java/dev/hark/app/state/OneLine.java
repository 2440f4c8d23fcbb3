package dev.hark.app.state;

/**
 * Words that somebody else may have chosen (what a message says, what a broker or a database answers), for lines of the log, states and
 * headers.
 */
public final class OneLine {
    /** Of a reason or an id, in characters. */
    public static final int SHORT = 300;

    /** Of what a broker, a database or the log says, in characters. */
    public static final int LONG = 2_000;

    private OneLine() {}

    /**
     * {@code text} without anything that could end a line, or look as if it did.
     *
     * @param most characters; of more, the rest is an ellipsis
     */
    public static String of(String text, int most) {
        var line = new StringBuilder(Math.min(text.length(), most) + 1);
        text.codePoints()
                .limit(most)
                .map(each -> isPrintable(each) ? each : 0xFFFD)
                .forEach(line::appendCodePoint);
        return text.codePointCount(0, text.length()) <= most ? line.toString() : line.append('…').toString();
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
            default -> true;
        };
    }
}
