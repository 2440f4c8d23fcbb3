package dev.hark.log.replicated;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.log.DraftBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group as the journal keeps it. Every node of a cluster reads what every other writes, and old groups are read by new nodes: what stands
 * here is a format, which changes with its version alone. What a replica makes of a group belongs to it: nodes of two versions must make
 * the same of it.
 *
 * <pre>
 * group   'H' 'G' version:u8 kind:u8 time:i64  then by kind
 *   EVENTS  count:i32 batch*      batch  count:i32 draft*
 *   TIME    nothing
 *   EPOCH   text
 * draft   kind:u8 topic:text type:text key:text? idempotency-key:text? data:bytes
 * text    bytes in UTF-8        bytes  length:i32 byte*        text?  as text, with length -1 for none
 * </pre>
 *
 * Numbers are big-endian. Stateless.
 */
final class GroupCodec {
    private static final int MAGIC = 'H' << 8 | 'G';
    private static final int VERSION = 1;

    /** What comes before the batches. */
    static final int HEAD_BYTES = 2 + 1 + 1 + Long.BYTES + Integer.BYTES;

    private static final Group.Kind[] KINDS = {Group.Kind.EVENTS, Group.Kind.TIME, Group.Kind.EPOCH};
    private static final EventKind[] EVENT_KINDS = {EventKind.PLAIN, EventKind.END, EventKind.DELETED};
    private static final int NONE = -1;

    private GroupCodec() {}

    /** A group of batches that {@link #encode(DraftBatch)} has encoded. */
    static byte[] encodeEvents(long timeMillis, List<byte[]> batches) {
        return write(Group.Kind.EVENTS, timeMillis, out -> {
            out.writeInt(batches.size());
            for (byte[] batch : batches) {
                out.write(batch);
            }
        });
    }

    static byte[] encodeTime(long timeMillis) {
        return write(Group.Kind.TIME, timeMillis, out -> {});
    }

    static byte[] encodeEpoch(long timeMillis, String epoch) {
        return write(Group.Kind.EPOCH, timeMillis, out -> writeBytes(out, epoch.getBytes(UTF_8)));
    }

    /** A batch as it stands in a group. */
    static byte[] encode(DraftBatch batch) {
        return write(out -> {
            out.writeInt(batch.drafts().size());
            for (Draft draft : batch.drafts()) {
                out.writeByte(indexOf(EVENT_KINDS, draft.kind()));
                writeText(out, draft.topic().value());
                writeText(out, draft.type());
                writeText(out, draft.key());
                writeText(out, draft.idempotencyKey());
                writeBytes(out, draft.data());
            }
        });
    }

    /** Whether {@code bytes} begin as a group does: what does not is no hub's. */
    static boolean isGroup(byte[] bytes) {
        return bytes.length >= 2 && ((bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF)) == MAGIC;
    }

    /** @throws UnreadableGroupException if it is no group, or one of a newer format */
    static Group decode(byte[] group) throws UnreadableGroupException {
        try (var in = new DataInputStream(new ByteArrayInputStream(group))) {
            if (in.readUnsignedShort() != MAGIC) {
                throw new UnreadableGroupException("it is not one of a hub's");
            }
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new UnreadableGroupException(
                        "it is of format " + version + "; this version of Hark knows format " + VERSION + ", so a newer one is needed");
            }
            Group.Kind kind = at(KINDS, in.readUnsignedByte());
            long timeMillis = in.readLong();
            Group read = switch (kind) {
                case EVENTS -> Group.ofEvents(timeMillis, readBatches(in));
                case TIME -> Group.ofTime(timeMillis);
                case EPOCH -> Group.ofEpoch(timeMillis, new String(readBytes(in, in.readInt()), UTF_8));
            };
            if (in.available() > 0) {
                throw new UnreadableGroupException("it has " + in.available() + " bytes more than it says");
            }
            return read;
        } catch (IOException e) {
            throw new UnreadableGroupException("it ends in the middle", e);
        } catch (InvalidEventException e) {
            throw new UnreadableGroupException("it holds what is no event: " + e.getMessage(), e);
        }
    }

    private static List<DraftBatch> readBatches(DataInputStream in) throws IOException, UnreadableGroupException {
        int count = in.readInt();
        var batches = new ArrayList<DraftBatch>();
        for (int i = 0; i < count; i++) {
            int drafts = in.readInt();
            if (drafts < 0 || drafts > in.available()) {
                throw new UnreadableGroupException("it says that it has more events than bytes");
            }
            var batch = new ArrayList<Draft>(drafts);
            for (int n = 0; n < drafts; n++) {
                batch.add(readDraft(in));
            }
            batches.add(DraftBatch.of(batch));
        }
        return batches;
    }

    private static Draft readDraft(DataInputStream in) throws IOException, UnreadableGroupException {
        EventKind kind = at(EVENT_KINDS, in.readUnsignedByte());
        Topic topic = Topic.stored(new String(readBytes(in, in.readInt()), UTF_8));
        String type = new String(readBytes(in, in.readInt()), UTF_8);
        String key = readText(in);
        String idempotencyKey = readText(in);
        return new Draft(topic, type, key, readBytes(in, in.readInt()), idempotencyKey, kind);
    }

    // ---- what the parts are made of

    /** Writes something. */
    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] write(Group.Kind kind, long timeMillis, Writing rest) {
        return write(out -> {
            out.writeShort(MAGIC);
            out.writeByte(VERSION);
            out.writeByte(indexOf(KINDS, kind));
            out.writeLong(timeMillis);
            rest.to(out);
        });
    }

    private static byte[] write(Writing writing) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes what is written", e);
        }
        return bytes.toByteArray();
    }

    private static void writeText(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(NONE);
        } else {
            writeBytes(out, text.getBytes(UTF_8));
        }
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static @Nullable String readText(DataInputStream in) throws IOException, UnreadableGroupException {
        int length = in.readInt();
        return length == NONE ? null : new String(readBytes(in, length), UTF_8);
    }

    private static byte[] readBytes(DataInputStream in, int length) throws IOException, UnreadableGroupException {
        if (length < 0 || length > in.available()) {
            throw new UnreadableGroupException("it says that something is longer than all of it");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static <T> T at(T[] values, int index) throws UnreadableGroupException {
        if (index >= values.length) {
            throw new UnreadableGroupException("it holds kind " + index + ", which this version of Hark does not know");
        }
        return values[index];
    }

    private static <T> int indexOf(T[] values, T value) {
        return List.of(values).indexOf(value);
    }
}
