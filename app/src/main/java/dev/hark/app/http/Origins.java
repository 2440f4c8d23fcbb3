package dev.hark.app.http;

import dev.hark.app.config.CorsSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The origins of pages that may use the hub: exact ones, all subdomains of one ({@code https://*.example.com}), or all. Compared as
 * browsers write them (RFC 6454, section 6.2): in lower case, without a port that is the scheme's own. Immutable.
 */
final class Origins {
    private static final String WILDCARD = "://*.";

    private final boolean any;
    private final Set<String> exact = new HashSet<>();
    private final List<Subdomains> subdomains = new ArrayList<>();

    private record Subdomains(String scheme, String suffix) {
        boolean holds(String origin) {
            // At least one label, and nothing but labels, stands where the asterisk does.
            int labels = origin.length() - scheme.length() - suffix.length();
            return labels > 0 && origin.startsWith(scheme) && origin.endsWith(suffix)
                    && origin.substring(scheme.length(), scheme.length() + labels).chars().allMatch(Origins::isOfName);
        }
    }

    Origins(List<String> listed) {
        this.any = listed.contains(CorsSettings.ANY);
        for (String origin : listed) {
            String normal = normal(origin);
            int wildcard = normal.indexOf(WILDCARD);
            if (wildcard >= 0) {
                int name = wildcard + WILDCARD.length() - 1;
                subdomains.add(new Subdomains(normal.substring(0, wildcard + 3), normal.substring(name)));
            } else {
                exact.add(normal);
            }
        }
    }

    private static boolean isOfName(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }

    /** Whether pages of {@code origin}, as a browser says it, may. */
    boolean hold(String origin) {
        if (any) {
            return true;
        }
        String normal = normal(origin);
        return exact.contains(normal) || subdomains.stream().anyMatch(some -> some.holds(normal));
    }

    /** Whether every page may. */
    boolean holdAll() {
        return any;
    }

    boolean isEmpty() {
        return !any && exact.isEmpty() && subdomains.isEmpty();
    }

    /** {@code https://Example.com:443} as {@code https://example.com}. */
    static String normal(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        String own = lower.startsWith("https://") ? ":443" : lower.startsWith("http://") ? ":80" : "";
        return !own.isEmpty() && lower.endsWith(own) ? lower.substring(0, lower.length() - own.length()) : lower;
    }
}
