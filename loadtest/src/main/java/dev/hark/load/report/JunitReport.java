package dev.hark.load.report;

import dev.hark.load.measure.Slo;
import java.util.Locale;

/** {@code junit.xml}: a test case for each objective, one for correctness, one for validity. */
final class JunitReport {
    private JunitReport() {}

    static String of(RunReport report) {
        var cases = new StringBuilder();
        int failures = 0;
        failures += add(cases, "correctness", String.join("; ", report.verdict().incorrect()));
        failures += add(cases, "validity", String.join("; ", report.verdict().invalid()));
        String conclusion = report.conclusion();
        failures += add(cases, "ran to its end", conclusion.equals("interrupted") || conclusion.equals("not started") ? conclusion : "");
        for (Slo.Outcome outcome : report.verdict().objectives()) {
            String value = outcome.value().isPresent()
                    ? outcome.objective().quantity().unit().format(outcome.value().getAsDouble())
                    : "nothing measured";
            failures += add(cases, outcome.objective().text(), outcome.holds() ? "" : "measured: " + value);
        }
        int tests = 3 + report.verdict().objectives().size();
        return String.format(Locale.ROOT,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>%n"
                        + "<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"0\">%n%s</testsuite>%n",
                escape("hark-load " + report.title()), tests, failures, cases);
    }

    private static int add(StringBuilder cases, String name, String failure) {
        cases.append(String.format("  <testcase classname=\"hark-load\" name=\"%s\"", escape(name)));
        if (failure.isEmpty()) {
            cases.append(String.format("/>%n"));
            return 0;
        }
        cases.append(String.format("><failure message=\"%s\"/></testcase>%n", escape(failure)));
        return 1;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
