package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small file beside the database that remembers what the database cannot know of itself: what was acknowledged, and which sequence
 * numbers may have been used. It is locked as long as it is open, so it also keeps a second process away.
 *
 * <p>Confined to the log's writer thread once the log is open.
 */
public final class HighWaterMark implements AutoCloseable {
    /* Two slots are written in turn, so that a write which is torn spoils only one of them. The valid slot
       with the higher count is the mark. */

    private static final long MAGIC = 0x4841524b4d41524bL; // "HARKMARK"
    private static final int VERSION = 1;
    private static final int SLOTS = 2;
    /** One sector of the smallest disk: a slot is written whole or not at all on most. */
    private static final int SLOT_BYTES = 512;

    private static final int EPOCH_BYTES = 8;
    private static final int CONTENT_BYTES = Long.BYTES + 2 * Integer.BYTES + Long.BYTES + EPOCH_BYTES + 2 * Long.BYTES;

    private final FileChannel channel;
    private final boolean existed;
    private final @Nullable Mark found;
    private long count;

    /**
     * What the file says.
     *
     * @param epoch        of which log
     * @param acknowledged the last sequence number that a publisher was told
     * @param ceiling      the last sequence number that may have been used
     * @param clean        whether the log was closed after that
     */
    public record Mark(String epoch, long acknowledged, long ceiling, boolean clean) {}

    /**
     * What somebody finds who only looks.
     *
     * @param existed whether there is a mark
     * @param mark    what it says; null where there is none, or it is damaged
     */
    public record Peek(boolean existed, @Nullable Mark mark) {}

    private record Slot(long count, Mark mark) {}

    private HighWaterMark(FileChannel channel, boolean existed) throws IOException {
        this.channel = channel;
        this.existed = existed;
        Slot newest = null;
        for (int i = 0; i < SLOTS; i++) {
            Slot slot = readSlot(i);
            if (slot != null && (newest == null || slot.count() > newest.count())) {
                newest = slot;
            }
        }
        this.found = newest == null ? null : newest.mark();
        this.count = newest == null ? 0 : newest.count();
    }

    /** @throws UnusableLogException if another process has {@code database} open */
    @SuppressWarnings("resource") // closed with the mark, or below
    public static HighWaterMark open(Path database) throws IOException {
        Path file = fileOf(database);
        boolean existed = Files.exists(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            if (channel.tryLock() == null) {
                throw inUse(database);
            }
            return new HighWaterMark(channel, existed);
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(database);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** What the mark beside {@code database} says to somebody who only looks, while another process may be writing it. */
    public static Peek peek(Path database) throws IOException {
        Path file = fileOf(database);
        if (!Files.exists(file)) {
            return new Peek(false, null);
        }
        try (var mark = new HighWaterMark(FileChannel.open(file, StandardOpenOption.READ), true)) {
            return new Peek(true, mark.found);
        }
    }

    /** Where the mark of {@code database} lies. */
    public static Path fileOf(Path database) {
        return database.resolveSibling(database.getFileName() + "-mark");
    }

    static UnusableLogException inUse(Path database) {
        return new UnusableLogException(
                "the log " + database + " is in use by another process; stop that one, or give this one another log.path");
    }

    /** Whether there was such a file before. */
    public boolean existed() {
        return existed;
    }

    /** What it said when it was opened; empty where it was new or damaged. */
    public Optional<Mark> found() {
        return Optional.ofNullable(found);
    }

    /**
     * Returns once {@code mark} is on disk.
     *
     * @throws SyncFailedException if it was written and could not be flushed: what the disk holds is not known then
     */
    public void write(Mark mark) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
        slot.putLong(MAGIC).putInt(VERSION).putInt(mark.clean() ? 1 : 0).putLong(count + 1);
        slot.put(mark.epoch().getBytes(StandardCharsets.US_ASCII)).putLong(mark.acknowledged()).putLong(mark.ceiling());
        slot.putInt(crc(slot));
        slot.rewind();
        long at = (count + 1) % SLOTS * SLOT_BYTES;
        while (slot.hasRemaining()) {
            at += channel.write(slot, at);
        }
        try {
            channel.force(true);
        } catch (IOException e) {
            var failed = new SyncFailedException(String.valueOf(e.getMessage()));
            failed.initCause(e);
            throw failed;
        }
        count++;
    }

    private @Nullable Slot readSlot(int index) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
        while (slot.hasRemaining() && channel.read(slot, (long) index * SLOT_BYTES + slot.position()) >= 0) {
            // A read may be short.
        }
        if (slot.hasRemaining()) {
            return null;
        }
        slot.rewind();
        long magic = slot.getLong();
        int version = slot.getInt();
        boolean clean = slot.getInt() == 1;
        long slotCount = slot.getLong();
        byte[] epoch = new byte[EPOCH_BYTES];
        slot.get(epoch);
        long acknowledged = slot.getLong();
        long ceiling = slot.getLong();
        if (magic != MAGIC || version != VERSION || slot.getInt() != crc(slot)) {
            return null;
        }
        return new Slot(slotCount, new Mark(new String(epoch, StandardCharsets.US_ASCII), acknowledged, ceiling, clean));
    }

    private static int crc(ByteBuffer slot) {
        var crc = new CRC32C();
        crc.update(slot.slice(0, CONTENT_BYTES));
        return (int) crc.getValue();
    }

    /** Gives up the lock. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
