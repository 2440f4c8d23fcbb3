package dev.hark.app.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo page where nginx has put the hub below a path of its own. */
class DemoBehindProxyIT {
    private static final String EVENTS = ".feed li[data-kind=event] .text";
    private static final double BACK_MILLIS = 60_000;

    @TempDir
    Path folder;

    private final List<AutoCloseable> started = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : started.reversed()) {
            each.close();
        }
    }

    @Test
    void worksBelowAPathAndComesBackAfterTheProxyAnsweredForAHubThatWasAway() throws Exception {
        Chromium chromium = started(Chromium.start());
        int hubPort = Ports.free();
        int port = Ports.free();
        RunningHub first = started(RunningHub.start("server.port=" + hubPort));
        startNginx(port, hubPort);
        Page page = chromium.browser().newContext().newPage();
        List<String> elsewhere = new ArrayList<>();
        page.onRequest(request -> {
            if (!request.url().startsWith("http://127.0.0.1:" + port + "/hub/")) {
                elsewhere.add(request.url());
            }
        });

        page.navigate("http://127.0.0.1:" + port + "/hub/");
        Locator demo = page.locator("#broadcast");
        assertThat(demo.locator(".state")).hasText("open");
        send(demo, "below");
        assertThat(demo.locator(EVENTS)).hasText("below");
        assertThat(demo.locator(".code")).containsText("curl -N http://127.0.0.1:" + port + "/hub/topics/broadcast");

        page.locator("nav a[href='#ten']").click();
        page.locator("#ten [data-do=start]").click();
        assertThat(page.locator("#ten .slots [data-heard=true]").first()).isVisible();
        page.locator("nav a[href='#console']").click();
        assertThat(page.locator("#console .state")).hasText("open");
        page.locator("#console .publish button").click();
        assertThat(page.locator("#console " + EVENTS)).hasCount(1);
        page.locator("nav a[href='#broadcast']").click();
        assertThat(demo.locator(".state")).hasText("open");

        first.close();
        assertThat(demo.locator(".feed li[data-kind=close]")).containsText("draining");
        Awaitility.await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> page.request().get(page.url()).status() == 502);
        started(RunningHub.start("server.port=" + hubPort));

        assertThat(demo.locator(".state")).containsText("open", new ContainsTextOptions().setTimeout(BACK_MILLIS));
        send(demo, "again");
        assertThat(demo.locator(EVENTS).last()).hasText("again");
        Assertions.assertThat(elsewhere).isEmpty();
    }

    private static void send(Locator demo, String text) {
        demo.locator("[name=text]").fill(text);
        demo.locator("button.primary").click();
    }

    private void startNginx(int port, int hubPort) throws IOException {
        Path conf = Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                pid %1$s/pid;
                error_log %1$s/error.log;
                events {}
                http {
                    access_log off;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    server {
                        listen 127.0.0.1:%2$d;
                        location /hub/ {
                            proxy_pass http://127.0.0.1:%3$d/;
                            proxy_http_version 1.1;
                            proxy_set_header Connection "";
                            proxy_set_header Host $http_host;
                            proxy_buffering off;
                        }
                    }
                }
                """.formatted(folder, port, hubPort));
        Process nginx = new ProcessBuilder(
                executable(), "-p", folder.toString(), "-c", conf.toString(), "-e", folder.resolve("error.log").toString())
                .inheritIO()
                .start();
        started.add(() -> {
            nginx.destroy();
            nginx.waitFor();
        });
        Awaitility.await("nginx listens").atMost(Wire.PATIENCE).ignoreExceptions().until(() -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
    }

    private static String executable() {
        return Stream.of("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx")
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseGet(DemoBehindProxyIT::missing);
    }

    private static String missing() {
        String left = "no nginx in the usual folders: left out is what the demo page does below a path of a proxy's";
        return "true".equals(System.getenv("CI")) ? fail(left) : abort(left);
    }

    private <T extends AutoCloseable> T started(T part) {
        started.add(part);
        return part;
    }
}
