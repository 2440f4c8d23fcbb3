package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;

class YamlTextTest {
    @Test
    void keepsScalarsAsTheTextThatStandsThere() {
        YamlNode.Fields fields =
                YamlText.parse("{a: 007, b: no, c: 1:30, d: 2024-01-01, e: '', f: , g: ~, h: null, i: 1e3, j: n}", "x").root();

        assertThat(fields.values()).containsEntry("a", new YamlNode.Text("007"))
                .containsEntry("b", new YamlNode.Text("no"))
                .containsEntry("c", new YamlNode.Text("1:30"))
                .containsEntry("d", new YamlNode.Text("2024-01-01"))
                .containsEntry("e", new YamlNode.Text(""))
                .containsEntry("f", new YamlNode.Blank())
                .containsEntry("g", new YamlNode.Blank())
                .containsEntry("h", new YamlNode.Blank())
                .containsEntry("i", new YamlNode.Text("1e3"))
                .containsEntry("j", new YamlNode.Text("n"));
    }

    @Test
    void refusesAKeyThatStandsTwice() {
        refusal("server: {}\nadmin: {}\nserver: {}\n").startsWith("x.yaml line 3: found duplicate key server");
    }

    @Test
    void namesTheLineThatIsNoYaml() {
        refusal("server:\n  port: [1\nadmin: {}\n").startsWith("x.yaml line ");
        refusal("a\u0001b").startsWith("x.yaml");
        refusal("a: 1\n---\nb: 2\n").startsWith("x.yaml line ");
        refusal("a: !!int abc\n").startsWith("x.yaml: a value is not what its tag (!!) says");
    }

    @Test
    void refusesWhatIsNoConfiguration() {
        refusal("[1, 2]").isEqualTo("x.yaml holds a list of 2; sections such as 'server:' are expected");
        refusal("server.port: 1").isEqualTo("x.yaml: the key 'server.port' holds a dot; sections are nested in the file");
        refusal("a: &a {b: *a}").contains("nested deeper than");
        refusal("a: !!timestamp 2024-01-01").contains("is tagged as Date");
        refusal("a: !!javax.script.ScriptEngineManager []").startsWith("x.yaml line 1");
        refusal("? [a]\n: 1").contains("is no name");
    }

    @Test
    void takesAnEmptyFileAsAnEmptyConfiguration() {
        assertThat(YamlText.parse("", "x").root().values()).isEmpty();
        assertThat(YamlText.parse("# nothing\n", "x").root().values()).isEmpty();
    }

    private static AbstractStringAssert<?> refusal(String text) {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> YamlText.parse(text, "x.yaml"));
        assertThat(refusal).as("refusal").isNotNull();
        return assertThat(refusal.getMessage()).doesNotContain("\n");
    }
}
