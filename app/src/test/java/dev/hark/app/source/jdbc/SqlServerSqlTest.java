package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Jdbc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.parser.feature.Feature;
import net.sf.jsqlparser.parser.feature.FeatureConfiguration;
import net.sf.jsqlparser.util.validation.Validation;
import net.sf.jsqlparser.util.validation.ValidationError;
import net.sf.jsqlparser.util.validation.feature.DatabaseType;
import org.junit.jupiter.api.Test;

/** Whether the statements for SQL Server are of its language. No server has run them. */
class SqlServerSqlTest {
    private static final SqlServerSql SQL = new SqlServerSql("dbo.hark_outbox");

    private static List<ValidationError> errors(String sql) {
        var brackets = new FeatureConfiguration().setValue(Feature.allowSquareBracketQuotation, true);
        return new Validation(brackets, List.of(DatabaseType.SQLSERVER), sql).validate();
    }

    @Test
    void isTheLanguageOfSqlServer() {
        for (String sql : List.of(
                SqlServerSql.WAIT, SqlServerSql.BOUND, SqlServerSql.UPDATEABILITY, SQL.columns(), SQL.page(), SQL.rows(),
                SQL.delete(List.of()), SQL.delete(List.of(17L, 19L)))) {
            assertThat(errors(sql)).as(sql).isEmpty();
        }
    }

    @Test
    void isJudgedBySomebodyWhoKnowsOthers() {
        assertThat(errors("SELECT id FROM hark_outbox ORDER BY id LIMIT 10")).isNotEmpty();
        assertThat(errors(SQL.page() + " NULS LAST")).isNotEmpty();
        assertThat(errors(SQL.rows().replace("END", ""))).isNotEmpty();
    }

    @Test
    void asksForADriverThatIsNotInTheHub() {
        var outbox = JdbcOutbox.of(
                new Jdbc("jdbc:sqlserver://db;databaseName=shop", Optional.empty(), Optional.empty(), "hark_outbox", Duration.ofMillis(20),
                        After.KEEP),
                1000);
        assertThat(outbox.address()).isEqualTo("jdbc:sqlserver://db table hark_outbox");
        assertThat(catchThrowable(outbox::open)).hasMessageContaining("the driver of SQL Server is not in the hub")
                .hasMessageContaining("docs/sources.md");
    }
}
