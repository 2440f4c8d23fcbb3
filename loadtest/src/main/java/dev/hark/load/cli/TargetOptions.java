package dev.hark.load.cli;

import dev.hark.load.drive.RequestSettings;
import dev.hark.load.drive.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the server is and how it is spoken to. */
final class TargetOptions {
    /** Lower-case names on the command line. */
    enum ProfileName {
        hark,
        generic
    }

    @Option(names = "--url", paramLabel = "URL", split = ",", defaultValue = "http://127.0.0.1:8080",
            description = "the server under test; nodes of a cluster with commas, or several times: streams and publishes are divided among"
                    + " them, and a stream that ends comes back to the next (default: ${DEFAULT-VALUE})")
    List<String> urls = new ArrayList<>();

    @Option(names = "--publish-url", paramLabel = "URL", split = ",",
            description = "where events are published, if not to --url; may be several, too")
    List<String> publishUrls = new ArrayList<>();

    @Option(names = "--target", paramLabel = "PROFILE", defaultValue = "hark",
            description = "hark, or generic for any other SSE server (default: ${DEFAULT-VALUE})")
    ProfileName profile = ProfileName.hark;

    @Option(names = "--subscribe-path", paramLabel = "PATH", description = "with {topic} in it; for generic, such as '/sub?topic={topic}'")
    @Nullable String subscribePath;

    @Option(names = "--publish-path", paramLabel = "PATH", description = "with {topic} in it; for generic, such as '/pub?topic={topic}'")
    @Nullable String publishPath;

    @Option(names = "--subscribe-method", paramLabel = "METHOD", description = "for generic (default: GET)")
    @Nullable String subscribeMethod;

    @Option(names = "--subscribe-body", paramLabel = "TEMPLATE",
            description = "for generic: with {topic} in it, written as the content type wants it (default: no body)")
    @Nullable String subscribeBody;

    @Option(names = "--subscribe-header", paramLabel = "'NAME: VALUE'",
            description = "for generic: goes with subscribing only, and replaces others of its name; may be given several times")
    List<String> subscribeHeaders = new ArrayList<>();

    @Option(names = "--publish-method", paramLabel = "METHOD", description = "for generic (default: POST)")
    @Nullable String publishMethod;

    @Option(names = "--publish-body", paramLabel = "TEMPLATE",
            description = "for generic: with {topic} and {data} in it, written as the content type wants it (default: {data})")
    @Nullable String publishBody;

    @Option(names = "--publish-header", paramLabel = "'NAME: VALUE'",
            description = "for generic: goes with publishing only, and replaces others of its name, such as"
                    + " 'Content-Type: application/json'; may be given several times")
    List<String> publishHeaders = new ArrayList<>();

    @Option(names = "--header", paramLabel = "'NAME: VALUE'", description = "goes with every request; may be given several times")
    List<String> headers = new ArrayList<>();

    @Mixin
    CredentialOptions credentials = new CredentialOptions();

    @Mixin
    WatchOptions watch = new WatchOptions();

    Target target() {
        return Target.of(
                Target.Profile.valueOf(profile.name().toUpperCase(Locale.ROOT)),
                urls,
                publishUrls,
                new RequestSettings(subscribeMethod, subscribePath, subscribeHeaders, subscribeBody),
                new RequestSettings(publishMethod, publishPath, publishHeaders, publishBody),
                headers).with(credentials.settings().read());
    }
}
