package dev.hark.app.hook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.Hub;
import dev.hark.app.config.HookSettings;
import dev.hark.app.state.LogAwayException;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.GapReason;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.EventPage;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The notes of one hook in the event log. Thread-safe. */
final class NoteLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Hub hub;
    private final Topic topic;
    private final Filters filters;

    /**
     * A note, and where it stands.
     *
     * @param id   of its event
     * @param time of its event, in ISO-8601
     */
    record Noted(String id, String time, Note note) {}

    /**
     * What follows a position.
     *
     * @param events how many events it was made from
     * @param next   the position behind it
     * @param lost   why something before it is missing; null where nothing is
     */
    record Notes(List<Noted> notes, int events, EventId next, @Nullable GapReason lost) {
        Notes {
            notes = List.copyOf(notes);
        }
    }

    NoteLog(Hub hub, HookSettings hook) {
        this.hub = hub;
        this.topic = Topic.stored(hook.notesTopic());
        this.filters = Filters.of(List.of(TopicFilter.stored(topic.value())));
    }

    EventId newest() {
        return hub.newest();
    }

    /**
     * The notes behind {@code after}, {@code limit} at most, or the oldest where it is null.
     *
     * @throws LogAwayException if the log cannot be read now
     */
    Notes read(@Nullable EventId after, int limit) throws LogAwayException {
        Start start = after == null ? new Start.Earliest() : new Start.After(after.toString());
        var request = new PageRequest(new Subscription(filters, start, Format.ENVELOPE), limit, Duration.ZERO);
        try {
            return switch (hub.look(request)) {
                case PageAnswer.Given(EventPage page) -> notes(page);
                case PageAnswer.Refused refused -> throw new LogAwayException("its notes cannot be read: " + refused.detail());
            };
        } catch (UnusableLogException e) {
            throw new LogAwayException("its notes cannot be read: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LogAwayException("its notes cannot be read: interrupted");
        }
    }

    private static Notes notes(EventPage page) {
        try (page) {
            List<Noted> notes = new ArrayList<>();
            for (JsonNode event : JSON.readTree(page.json(Format.ENVELOPE)).path("events")) {
                Note.parse(event.path("data"))
                        .ifPresent(note -> notes.add(new Noted(event.path("id").asText(), event.path("time").asText(), note)));
            }
            return new Notes(notes, page.events().size(), page.next(), page.gap() == null ? null : page.gap().reason());
        } catch (IOException e) {
            throw new IllegalStateException("a page is always JSON", e);
        }
    }

    /**
     * Stores {@code notes} in their order, together where the log takes so much at once.
     *
     * @throws LogAwayException if it is not known whether all are stored, or the log takes nothing
     */
    void append(List<Note> notes) throws LogAwayException {
        switch (hub.keep(notes.stream().map(note -> note.draft(topic)).toList())) {
            case Append.Stored stored -> {
                // As it should be.
            }
            case Append.Unavailable(String why) -> throw new LogAwayException(why);
            case Append.Unknown(String why) -> throw new LogAwayException(why);
            case Append.TooLarge(long bytes, long limit) -> {
                if (notes.size() == 1) {
                    throw new LogAwayException("a note of " + bytes + " bytes is too much for the log, which takes " + limit);
                }
                append(notes.subList(0, notes.size() / 2));
                append(notes.subList(notes.size() / 2, notes.size()));
            }
            case Append.KeyReused reused -> throw new IllegalStateException("a note has no idempotency key");
            case Append.KeyInFlight inFlight -> throw new IllegalStateException("a note has no idempotency key");
        }
    }
}
