package dev.hark.load.measure;

import dev.hark.load.wire.ServerUrl;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server seen through its page of metrics in Prometheus' text format. Read are the names that Prometheus' own libraries give to a
 * process: {@code process_cpu_seconds_total} and {@code process_resident_memory_bytes}, and {@code process_open_fds} where it is there.
 *
 * <p>Thread-safe.
 */
final class MetricsPage implements ServerProbe {
    private static final String CPU = "process_cpu_seconds_total";
    private static final String MEMORY = "process_resident_memory_bytes";
    private static final String DESCRIPTORS = "process_open_fds";

    /** Shorter than the second between two looks. */
    private static final Duration TIMEOUT = Duration.ofMillis(800);

    /** A page of metrics has tens of kilobytes. */
    private static final long MAX_PAGE_BYTES = 4 << 20;

    private static final HttpClient CLIENT = ServerUrl.client().connectTimeout(TIMEOUT).build();

    private static final Pattern BUILD = Pattern.compile("^([a-z]+)_build_info\\{[^}\\n]*\\bversion=\"([^\"]*)\"", Pattern.MULTILINE);

    private final ServerUrl page;

    MetricsPage(ServerUrl page) {
        this.page = page;
    }

    @Override
    public Optional<Sample> sample() {
        return page().flatMap(MetricsPage::read);
    }

    @Override
    public Optional<String> version() {
        return page().flatMap(MetricsPage::versionIn);
    }

    private Optional<String> page() {
        HttpRequest request;
        try {
            request = page.request().timeout(TIMEOUT).build();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
        var answer = CLIENT.sendAsync(request,
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), MAX_PAGE_BYTES));
        try {
            // The request's own timeout ends with the head; a page that is a stream would never end.
            HttpResponse<String> response = answer.get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            answer.cancel(true);
            return Optional.empty();
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** A program tells its version as a label of a metric whose name ends with {@code _build_info}. */
    static Optional<String> versionIn(String text) {
        Matcher matcher = BUILD.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1) + " " + matcher.group(2)) : Optional.empty();
    }

    /** Reads a page; nothing if it does not tell processor time and memory. */
    static Optional<Sample> read(String text) {
        Map<String, Double> values = new HashMap<>();
        text.lines().filter(line -> line.startsWith("process_")).forEach(line -> readLine(line, values));
        Double cpu = values.get(CPU);
        Double memory = values.get(MEMORY);
        if (cpu == null || memory == null || cpu < 0 || memory < 0) {
            return Optional.empty();
        }
        return Optional.of(new Sample((long) (cpu * 1e9), memory.longValue(), -1, values.getOrDefault(DESCRIPTORS, -1.0).intValue()));
    }

    /** A sample is a name, labels in braces, a value and perhaps a time, with spaces between them. */
    private static void readLine(String line, Map<String, Double> into) {
        int nameEnd = 0;
        while (nameEnd < line.length() && line.charAt(nameEnd) != '{' && line.charAt(nameEnd) != ' ') {
            nameEnd++;
        }
        int valueFrom = line.lastIndexOf('}') < 0 ? nameEnd : line.lastIndexOf('}') + 1;
        String[] rest = line.substring(valueFrom).strip().split("\\s+");
        try {
            double value = Double.parseDouble(rest[0]);
            if (Double.isFinite(value)) {
                into.merge(line.substring(0, nameEnd), value, Double::sum);
            }
        } catch (NumberFormatException e) {
            // Not a sample.
        }
    }
}
