package dev.hark.app.demo;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import io.helidon.webserver.staticcontent.TemporaryStorageConfig;

/** The page to try the hub with, at {@code demo/} of the data listener. Stateless. */
public final class DemoPages {
    /** Browsers would otherwise guess for how long a file is good, and bring those of two versions together after an upgrade. */
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    /** All that the page needs is its own files and the hub. Nothing in it is made from text, so nothing has to be trusted. */
    private static final Header POLICY = HeaderValues.createCached("Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
                    + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'");

    /** Relative: a proxy in front may have the hub below a path of its own. */
    private static final Header THERE = HeaderValues.createCached(HeaderNames.LOCATION, "demo/");

    private DemoPages() {}

    /** Adds the page to {@code routing}. */
    public static void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/"), (request, response) ->
                response.status(Status.FOUND_302).header(THERE).send());
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/demo"), (request, response) ->
                response.status(Status.FOUND_302).header(THERE).send());
        routing.register(
                "/demo",
                rules -> rules.any((request, response) -> response.header(REVALIDATE).header(POLICY).next()),
                StaticContentFeature.createService(
                        ClasspathHandlerConfig.builder()
                                .location("/demo")
                                .welcome("index.html")
                                // Copies would stay among the temporary files of a hub that is killed.
                                .temporaryStorage(TemporaryStorageConfig.builder().enabled(false).build())
                                .build()));
    }
}
