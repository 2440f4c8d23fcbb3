package dev.hark.app.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Other people's URLs for a topic.
 *
 * @param subscribe where its stream is, or null
 * @param publish   where its events are published, or null; one of both is there
 * @param topic     the topic; each of its variables is in each of the paths
 */
public record RouteRule(@Nullable PathTemplate subscribe, @Nullable PathTemplate publish, TopicTemplate topic) {
    /** @throws IllegalArgumentException naming the variable or the path that is missing */
    public RouteRule {
        if (subscribe == null && publish == null) {
            throw new IllegalArgumentException("neither subscribe nor publish is given; a route needs at least one path");
        }
        requireVariables("subscribe", subscribe, topic);
        requireVariables("publish", publish, topic);
    }

    private static void requireVariables(String verb, @Nullable PathTemplate path, TopicTemplate topic) {
        if (path == null) {
            return;
        }
        List<String> missing = topic.variables().stream().filter(name -> !path.variables().contains(name)).toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    verb + " path '" + path + "' has no {" + missing.getFirst() + "}, which topic '" + topic + "' needs");
        }
    }
}
