package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Database;
import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceSchemaTest {
    private static final String NAME = "sources.0.name=outbox";
    private static final String URL = "sources.0.jdbc.url=jdbc:postgresql://db/shop";

    private static HarkConfig read(String... settings) {
        return new ConfigSource(Path.of("..", "application.yaml"), List.of(settings), Map.of()).load();
    }

    private static Jdbc jdbc(SourceSettings source) {
        return (Jdbc) source.input();
    }

    @Test
    void hasDefaultsForAllButNameAndAddress() {
        SourceSettings source = read(NAME, URL).sources().getFirst();

        assertThat(source.enabled()).isTrue();
        assertThat(source.batch()).isEqualTo(500);
        assertThat(jdbc(source).table()).isEqualTo("hark_outbox");
        assertThat(jdbc(source).poll()).isEqualTo(Duration.ofMillis(200));
        assertThat(jdbc(source).after()).isEqualTo(After.KEEP);
        assertThat(jdbc(source).user()).isEmpty();
    }

    @Test
    void keepsItsPositionApartFromAllElse() {
        TopicClass kept = read(NAME, URL).log().config().classes().of("$hark/sources/outbox");

        assertThat(kept.name()).isEqualTo("$hark/sources/outbox");
        assertThat(kept.keep().retention()).isNotNull().extracting(Retention::age).isEqualTo(Duration.ofDays(36_500));
    }

    @Test
    void showsNoPassword() {
        HarkConfig config = read(NAME, URL, "sources.0.jdbc.password=geheim");

        assertThat(config.toString()).doesNotContain("geheim");
        assertThat(jdbc(config.sources().getFirst()).password().orElseThrow().text()).isEqualTo("geheim");
    }

    @Test
    void refusesWhatItCannotRead() {
        assertThatThrownBy(() -> read(NAME)).hasMessageContaining("sources.0.jdbc.url is missing");
        assertThatThrownBy(() -> read(URL)).hasMessageContaining("sources.0.name is missing");
        assertThatThrownBy(() -> read("sources.0.name=Out box", URL)).hasMessageContaining("sources.0.name is 'Out box'");
        assertThatThrownBy(() -> read(NAME, "sources.0.jdbc.url=jdbc:oracle:thin:@db/shop"))
                .hasMessageContaining("of PostgreSQL, MariaDB, MySQL or SQL Server");
        assertThatThrownBy(() -> read(NAME, "sources.0.jdbc.url=jdbc:mariadb:")).hasMessageContaining("sources.0.jdbc.url");
        assertThatThrownBy(() -> read(NAME, URL, "sources.0.jdbc.table=a; DROP TABLE b")).hasMessageContaining("sources.0.jdbc.table");
        assertThatThrownBy(() -> read(NAME, URL, "sources.0.jdbc.after=move")).hasMessageContaining("keep | delete");
        assertThatThrownBy(() -> read(NAME, URL, "sources.0.batch=0")).hasMessageContaining("sources.0.batch is '0'");
    }

    @Test
    void refusesAPasswordInAnAddressAndDoesNotShowIt() {
        for (String url : List.of(
                "jdbc:postgresql://db/shop?password=open-sesame", "jdbc:postgresql://db/shop?ssl=true&sslpassword=open-sesame",
                "jdbc:mariadb://db/shop?keyStorePassword=open-sesame", "jdbc:mariadb://db/shop?password2=open-sesame",
                "jdbc:mysql://hark:open-sesame@db/shop", "jdbc:sqlserver://db;databaseName=shop; Password = open-sesame",
                "jdbc:sqlserver://db;pwd=open-sesame", "jdbc:postgresql://u:open/sesame@db/shop", "jdbc:postgresql://u:open?sesame@db/shop",
                "jdbc:oracle:thin:scott/sesame@db", "jdbc:postgres:u:sesame@db/shop", "u:sesame@db/shop")) {
            assertThatThrownBy(() -> read(NAME, "sources.0.jdbc.url=" + url)).as(url)
                    .hasMessageContaining("belongs in jdbc.password").hasMessageNotContaining("sesame");
        }
    }

    @Test
    void knowsTheDatabaseByItsAddress() {
        assertThat(database("jdbc:postgresql://db/shop")).isEqualTo(Database.POSTGRESQL);
        assertThat(database("jdbc:mariadb://db/shop?sslMode=verify-full")).isEqualTo(Database.MARIADB);
        assertThat(database("jdbc:postgresql://db:5432/shop?user=hark@server")).as("no password").isEqualTo(Database.POSTGRESQL);
        assertThat(database("jdbc:mysql://db/shop")).isEqualTo(Database.MARIADB);
        assertThat(database("JDBC:SQLServer://db;databaseName=shop")).isEqualTo(Database.SQL_SERVER);
    }

    private static Database database(String url) {
        return ((Jdbc) read(NAME, "sources.0.jdbc.url=" + url).sources().getFirst().input()).database();
    }

    @Test
    void refusesTwoOfOneNameAndTooMany() {
        assertThatThrownBy(() -> read(NAME, URL, "sources.1.name=outbox", "sources.1.jdbc.url=jdbc:postgresql://db/other"))
                .hasMessageContaining("sources has 'outbox' twice");
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            many.add("sources." + i + ".name=s" + i);
            many.add("sources." + i + ".jdbc.url=jdbc:postgresql://db/shop");
        }
        assertThat(read(many.subList(0, 32).toArray(String[]::new)).sources()).hasSize(16);
        assertThatThrownBy(() -> read(many.toArray(String[]::new))).hasMessageContaining("at most 16 are allowed");
    }

    @Test
    void needsKeysToKnowItsTriesBy() {
        assertThatThrownBy(() -> read(NAME, URL, "log.idempotency.keys=9999")).hasMessageContaining("at least 10000 are needed");
        assertThatThrownBy(() -> read(NAME, URL, "log.idempotency.age=PT9M59S")).hasMessageContaining("log.idempotency.age is");
        assertThat(read(NAME, URL, "log.idempotency.keys=10000", "log.idempotency.age=PT10M").sources()).hasSize(1);
        assertThat(read("log.idempotency.keys=1").sources()).isEmpty();
    }
}
