package dev.hark.app.hook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.config.HookSettings;
import dev.hark.app.config.HookSettings.On;
import dev.hark.app.hook.Note.Happened;
import dev.hark.app.hook.Note.What;
import dev.hark.app.hook.NoteLog.Noted;
import dev.hark.app.hook.Presence.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a hook tells, as JSON. Confined to the thread of its hook. */
final class Letters {
    private final Set<On> on;
    private Presence presence = new Presence();

    Letters(HookSettings hook) {
        this.on = hook.on();
    }

    /** Lets go of all that is known of who listens. */
    void clear() {
        presence = new Presence();
    }

    /** Takes in what was told before, without telling it. */
    void know(List<Noted> notes) {
        notes.forEach(noted -> presence.take(noted.note()));
    }

    /** The events that the next notes make, in their order; none of those of which the hook does not hear. */
    List<ObjectNode> events(List<Noted> notes) {
        List<ObjectNode> events = new ArrayList<>();
        for (Noted noted : notes) {
            ObjectNode event = noted.note() instanceof Happened happened
                    ? event(noted, happened)
                    : event(noted, presence.take(noted.note()));
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private @Nullable ObjectNode event(Noted noted, @Nullable Change change) {
        return switch (change) {
            case LISTENED -> on.contains(On.LISTENED) ? listened(noted.id(), noted.time(), topic(noted.note())) : null;
            case LEFT -> on.contains(On.LEFT)
                    ? Call.event(noted.id(), "topic.left", noted.time()).put("topic", topic(noted.note()))
                    : null;
            case null -> null;
        };
    }

    private static ObjectNode listened(String id, String time, String topic) {
        return Call.event(id, "topic.listened", time).put("topic", topic);
    }

    static String topic(Note note) {
        return switch (note) {
            case Note.Here(String run, String topic) -> topic;
            case Note.Gone(String run, String topic) -> topic;
            case Note.Alive alive -> Note.NO_TOPIC;
            case Note.Over over -> Note.NO_TOPIC;
            case Happened happened -> happened.topic();
        };
    }

    private @Nullable ObjectNode event(Noted noted, Happened happened) {
        boolean isGap = happened.what() == What.GAP;
        if (!on.contains(isGap ? On.GAP : On.REFUSED)) {
            return null;
        }
        ObjectNode event = Call.event(noted.id(), isGap ? "stream.gap" : "request.refused", noted.time());
        if (happened.topic().equals(Note.NO_TOPIC)) {
            event.putNull("topic");
        } else {
            event.put("topic", happened.topic());
        }
        event.put("reason", happened.reason());
        if (!isGap) {
            event.put("status", happened.status());
        }
        return event.put("count", happened.count());
    }

    /**
     * All that is to be known at {@code place}, where all before is void: {@code hook.reset}, and what is listened to. Each has the same id
     * whoever else listens when it is asked for again.
     */
    List<ObjectNode> anew(Place place, Place.Anew why, Instant now) {
        List<ObjectNode> events = new ArrayList<>();
        events.add(Call.event(place.id() + "/0", "hook.reset", now.toString()).put("reason", why.reason()));
        if (on.contains(On.LISTENED)) {
            for (String topic : presence.listened()) {
                events.add(listened(place.id() + "/" + Call.hash(topic), now.toString(), topic));
            }
        }
        return events;
    }
}
