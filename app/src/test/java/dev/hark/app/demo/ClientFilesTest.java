package dev.hark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClientFilesTest {
    @Test
    void leavesOutCommentsAndIndentation() {
        assertThat(ClientFiles.shortened("""
                // Of the module.
                const a = 1; // why
                /**
                 * A function.
                 */
                function b() {
                  return 'http://c'; // not this one
                }
                """)).isEqualTo("const a = 1;\nfunction b() {\nreturn 'http://c';\n}\n");
    }

    @Test
    void putsConstantsInTheirPlacesAndShortensWhatIsPrivate() {
        String names = IntStream.range(0, 30).mapToObj(i -> "#name" + i + ";\n").collect(Collectors.joining());
        String shortened = ClientFiles.shortened("""
                const SOME_MILLIS = 30_000; // so long
                const SOME = 'a.b';
                const PATTERN = /^a 1 /;
                const other = SOME;
                class A {
                  #first = SOME_MILLIS + THING;
                  #firstOf = PATTERN.test(this.#first);
                """ + names);
        assertThat(shortened).startsWith("const other = 'a.b';\nclass A {\n#a = 30_000 + THING;\n#b = /^a 1 /.test(this.#a);\n#c;\n");
        assertThat(shortened.lines().filter(line -> line.startsWith("#")).distinct()).as("each has its own name").hasSize(32);
        assertThat(shortened).contains("#z;\n#a1;\n");
    }
}
