package dev.hark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientFilesTest {
    @Test
    void leavesOutCommentsAndIndentation() {
        assertThat(ClientFiles.withoutComments("""
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
}
