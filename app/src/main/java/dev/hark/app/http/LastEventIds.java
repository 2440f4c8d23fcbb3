package dev.hark.app.http;

import dev.hark.event.EventId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The {@code Last-Event-ID} headers of a request. There are several where a program sends the id that it began with each time, and its
 * library adds the one that it has by now. Stateless.
 */
final class LastEventIds {
    private LastEventIds() {}

    /**
     * The id to resume after: of those of {@code epoch} the newest; where there is none, the last of all.
     *
     * @param headers the headers' values in their order; what a proxy has joined by commas is taken apart
     * @param epoch   of the log as it is
     * @return empty where there is no id
     */
    static String newest(List<String> headers, String epoch) {
        List<String> ids = headers.stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(String::strip)
                .filter(id -> !id.isEmpty())
                .toList();
        Optional<EventId> newest = ids.stream()
                .flatMap(id -> EventId.parse(id).stream())
                .filter(id -> id.epoch().equals(epoch))
                .max(Comparator.naturalOrder());
        return newest.map(EventId::toString).orElse(ids.isEmpty() ? "" : ids.getLast());
    }
}
