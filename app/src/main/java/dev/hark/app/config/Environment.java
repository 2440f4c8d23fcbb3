package dev.hark.app.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The environment variables that are meant for the configuration. Immutable. */
final class Environment {
    static final String PREFIX = "HARK_";

    /** Variables of the launcher and of clients, which are no keys. */
    private static final Set<String> OURS = Set.of("HARK_JAVA_OPTS", "HARK_BUILD", "HARK_URL", "HARK_TOKEN");

    /** What variables of the load tester begin with; it may run beside the hub, in the same environment. No key begins so. */
    private static final String LOAD_TESTER = "HARK_LOAD_";

    /*
     * Kubernetes tells every container where the services of its namespace are, in variables that begin with the service's name: a service
     * called `hark` or `hark-admin` must not keep the hub from starting.
     */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("HARK_(?:.+_)?(?:SERVICE_(?:HOST|PORT)(?:_.+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)");

    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(?:tcp|udp|sctp)://.*");

    private final SequencedMap<String, String> values;

    Environment(Map<String, String> variables) {
        this.values = new LinkedHashMap<>(new TreeMap<>(variables));
        values.keySet().removeIf(name -> !name.startsWith(PREFIX) || isOfOthers(name));
        values.entrySet().removeIf(entry -> entry.getKey().endsWith("_PORT") && SERVICE_ADDRESS.matcher(entry.getValue()).matches());
    }

    /** The name of the variable that overrides {@code key}. */
    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    SequencedMap<String, String> values() {
        return values;
    }

    private static boolean isOfOthers(String name) {
        return OURS.contains(name) || name.startsWith(LOAD_TESTER) || SERVICE_LINK.matcher(name).matches();
    }
}
