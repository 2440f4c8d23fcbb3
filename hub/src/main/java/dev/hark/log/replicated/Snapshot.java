package dev.hark.log.replicated;

/**
 * What a kept copy of a replica says of itself.
 *
 * @param name         tells it from every other
 * @param position     of the last group that is in it
 * @param id           of that group, by which its history is told from another
 * @param epoch        of the log
 * @param format       of the copy, which a replica knows or does not
 * @param timeMillis   when it was made, by the clock of the node that made it
 * @param bytes        how many are kept: it is compressed
 * @param contentBytes how many the copy itself has
 * @param digest       SHA-256 over what is kept, in hexadecimal
 * @param version      of the hub that made it
 */
public record Snapshot(
        String name, long position, String id, String epoch, int format, long timeMillis, long bytes, long contentBytes, String digest,
        String version) {
    /** In words, as a part of a sentence. */
    String words() {
        return "the snapshot " + name + " of position " + position;
    }
}
