package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicCommandTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeConfiguration() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), """
                log: {retention: {bytes: 512MiB}}
                topics:
                  - match: cursors/**
                    overflow: drop-oldest
                    keep: nothing
                  - match: prices/**
                    overflow: conflate
                    linger: 100ms
                    mailbox: {events: 64, bytes: 64KiB}
                    keep:
                      age: 1h
                  - match: "**"
                """);
    }

    private String run(String... args) {
        TestShell hark = TestShell.in(folder);
        assertThat(hark.run(args)).as(hark::err).isZero();
        assertThat(hark.err()).isEmpty();
        return hark.out().replace(folder.resolve("application.yaml").toString(), "FILE");
    }

    @Test
    void saysWhatIsKeptOfATopicAndWhoSaysSo() {
        assertThat(run("topic", "prices/eurusd")).isEqualTo("""
                topic       prices/eurusd
                rule        topics.1, match prices/**
                class       prices/**
                kept        1,000,000 events     by log.retention.events (default)
                kept        1h                   by topics.1.keep.age (FILE line 11)
                kept        512MiB               by log.retention.bytes (FILE line 1)
                overflow    conflate
                mailbox     64 events, 64KiB
                linger      100ms
                durability  fsync
                """);
    }

    @Test
    void saysThatTheNewestOfEachKeyStays() throws IOException {
        String[] price = {"topic", "prices/eurusd", "--set", "topics.1.keep.latest=true"};

        assertThat(run(price)).contains("""
                kept        512MiB               by log.retention.bytes (FILE line 1)
                kept        newest of each key   by topics.1.keep.latest (--set)
                overflow    conflate
                """);
        JsonNode rule = new ObjectMapper().readTree(run("topic", "prices/eurusd", "--json", "--set", "topics.1.keep.latest=true"))
                .path("topics").path(0);
        assertThat(rule.path("latest").asBoolean()).isTrue();
        assertThat(rule.path("by").path("latest").asText()).isEqualTo("topics.1.keep.latest (--set)");
    }

    @Test
    void saysThatNothingIsKept() {
        assertThat(run("topic", "cursors/4/alice")).isEqualTo("""
                topic       cursors/4/alice
                rule        topics.0, match cursors/**
                class       cursors/**
                kept        nothing, by topics.0.keep (FILE line 5): live, and among the hot events
                overflow    drop-oldest
                mailbox     256 events, 256KiB
                linger      none
                durability  memory
                """);
    }

    @Test
    void saysWhatHoldsOfAllOtherTopics() {
        assertThat(run("topic", "orders/4711").lines()).contains(
                "rule        topics.2, match **", "class       (default)",
                "kept        1d                   by log.retention.age (default)", "durability  fsync");
    }

    @Test
    void looksAtOverridesAndAtTheEngine() {
        TestShell hark = new TestShell("", false, folder, Map.of("HARK_TOPICS_1_KEEP_EVENTS", "5000"));

        assertThat(hark.run("topic", "prices/eurusd", "--set", "log.retention.bytes=1GiB", "--set", "log.durability=write")).isZero();
        assertThat(hark.out()).contains(
                "kept        5,000 events         by topics.1.keep.events (HARK_TOPICS_1_KEEP_EVENTS)\n",
                "kept        1GiB                 by log.retention.bytes (--set)\n", "durability  write\n");
        assertThat(run("topic", "prices/eurusd", "--set", "log.kind=memory")).contains("durability  memory\n");
    }

    @Test
    void saysUnderWhichRulesTheTopicsOfAFilterFall() {
        List<String> all = run("topic", "**").lines().toList();
        String some = run("topic", "prices/*");

        assertThat(all).startsWith("filter      **", "rule        topics.2, match **: the first that covers the filter whole",
                "overflow    replay");
        assertThat(all).containsSubsequence(
                "Topics that it matches fall under the first of these rules that matches them:",
                "rule        topics.0, match cursors/**", "durability  memory", "rule        topics.1, match prices/**",
                "rule        topics.2, match **", "durability  fsync");
        assertThat(some).contains("rule        topics.1, match prices/**: the first", "All topics that it matches fall under one rule:")
                .doesNotContain("topics.0", "topics.2");
        assertThat(run("topic", "*/eurusd")).as("may be a price, and is subscribed to as any other")
                .contains("rule        topics.2, match **: the first", "rule        topics.0, match", "rule        topics.1, match");
    }

    @Test
    void printsTheSameAsJson() throws IOException {
        JsonNode price = new ObjectMapper().readTree(run("topic", "prices/eurusd", "--json"));
        JsonNode all = new ObjectMapper().readTree(run("topic", "**", "--json"));

        assertThat(price.toString()).isEqualTo("{\"topic\":\"prices/eurusd\",\"subscription\":{\"rule\":1,\"match\":\"prices/**\","
                + "\"overflow\":\"conflate\",\"mailboxEvents\":64,\"mailboxBytes\":65536},\"topics\":[{\"rule\":1,\"match\":\"prices/**\","
                + "\"class\":\"prices/**\",\"stored\":true,\"events\":1000000,\"age\":\"PT1H\",\"bytes\":536870912,\"latest\":false,"
                + "\"by\":{\"events\":\"log.retention.events (default)\",\"age\":\"topics.1.keep.age (FILE line 11)\","
                + "\"bytes\":\"log.retention.bytes (FILE line 1)\"},\"linger\":\"PT0.1S\",\"durability\":\"fsync\"}]}");
        assertThat(all.path("filter").asText()).isEqualTo("**");
        assertThat(all.path("topics")).hasSize(3);
        assertThat(all.path("topics").path(0).path("stored").asBoolean(true)).isFalse();
        assertThat(all.path("topics").path(0).path("by").path("keep").asText()).isEqualTo("topics.0.keep (FILE line 5)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a//b", "a/**/b", "hark.x", "$x", " "})
    void refusesWhatIsNeitherTopicNorFilter(String name) {
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("topic", name)).isEqualTo(1);
        assertThat(hark.out()).isEmpty();
        assertThat(hark.err()).startsWith("hark: topic").contains("see 'hark topic --help'").hasLineCount(1);
    }

    @Test
    void showsExamplesAndExitCodes() {
        assertThat(run("topic", "--help")).contains("Examples", "hark topic prices/eurusd", "Exit code: 0", "--config", "--set", "--json");
    }
}
