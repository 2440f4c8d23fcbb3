package dev.hark.log.jetstream;

import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the stream has to be, and a sentence for each way in which one that is there is something else. */
final class StreamCheck {
    private StreamCheck() {}

    /** How it is made. */
    static StreamConfiguration wanted(JetStreamSettings settings) {
        JetStreamSettings.Limits limits = settings.limits();
        return StreamConfiguration.builder()
                .name(settings.stream())
                .subjects(settings.subject())
                .storageType(StorageType.File)
                .replicas(settings.replicas())
                .retentionPolicy(RetentionPolicy.Limits)
                .discardPolicy(DiscardPolicy.Old)
                .maximumMessageSize(settings.maxGroupBytes() + JetStreamSettings.HEADER_BYTES)
                .maxAge(limits.maxAge())
                .maxBytes(limits.maxBytes() == 0 ? -1 : limits.maxBytes())
                .duplicateWindow(settings.duplicateWindow())
                .build();
    }

    static List<String> differences(StreamInfo info, JetStreamSettings settings) {
        StreamConfiguration is = info.getConfiguration();
        JetStreamSettings.Limits limits = settings.limits();
        List<String> all = new ArrayList<>();
        // What would lose groups, or mix them with others.
        unless(is.getMirror() == null, "it mirrors another stream", all);
        unless(is.getSources() == null || is.getSources().isEmpty(), "it takes messages from other streams", all);
        unless(is.getSubjects().equals(List.of(settings.subject())),
                "its subjects are " + is.getSubjects() + ", not [" + settings.subject() + "] alone", all);
        unless(is.getSubjectTransform() == null, "it changes subjects", all);
        unless(!is.getSealed(), "it is sealed", all);
        unless(!is.getNoAck(), "it does not acknowledge", all);
        unless(!is.getAllowMessageCounter(), "it counts instead of keeping what it is given", all);
        unless(is.getStorageType() == StorageType.File, "it is kept in " + is.getStorageType() + ", not in files", all);
        unless(is.getRetentionPolicy() == RetentionPolicy.Limits,
                "its retention policy is " + is.getRetentionPolicy() + ", not limits", all);
        unless(is.getDiscardPolicy() == DiscardPolicy.Old,
                "beyond its limits it discards what is " + is.getDiscardPolicy() + ", not old", all);
        // What would mean less than it says.
        unless(is.getReplicas() == settings.replicas(), "it has " + is.getReplicas() + " replicas, not " + settings.replicas(), all);
        Duration window = or(is.getDuplicateWindow());
        unless(window.compareTo(settings.duplicateWindow()) >= 0,
                "it knows duplicates for " + seconds(window) + ", not " + seconds(settings.duplicateWindow()), all);
        int message = settings.maxGroupBytes() + JetStreamSettings.HEADER_BYTES;
        unless(is.getMaximumMessageSize() <= 0 || is.getMaximumMessageSize() >= message,
                "it takes messages of at most " + is.getMaximumMessageSize() + " bytes, not " + message, all);
        Duration age = or(is.getMaxAge());
        unless(age.equals(limits.maxAge()),
                "it keeps messages for " + age(age) + ", not for " + age(limits.maxAge()), all);
        unless(Math.max(0, is.getMaxBytes()) == limits.maxBytes(),
                "it keeps " + bytes(is.getMaxBytes()) + ", not " + bytes(limits.maxBytes()), all);
        unless(is.getMaxMsgs() <= 0, "it keeps " + is.getMaxMsgs() + " messages, not all", all);
        unless(is.getMaxMsgsPerSubject() <= 0, "it keeps " + is.getMaxMsgsPerSubject() + " messages of a subject, not all", all);
        unless(is.getMaxConsumers() <= 0, "it takes " + is.getMaxConsumers() + " consumers, not one for each node", all);
        return all;
    }

    private static void unless(boolean same, String sentence, List<String> all) {
        if (!same) {
            all.add(sentence);
        }
    }

    private static Duration or(@Nullable Duration duration) {
        return duration == null ? Duration.ZERO : duration;
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private static String age(Duration age) {
        return age.isZero() ? "ever" : seconds(age);
    }

    private static String bytes(long bytes) {
        return bytes <= 0 ? "any number of bytes" : bytes + " bytes";
    }
}
