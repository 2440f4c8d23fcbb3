package dev.hark.app.cli;

/**
 * An event as a client receives it.
 *
 * @param type its name, {@code message} where the stream gave none
 * @param id   the client's last event id when it came, perhaps from an earlier block
 * @param data its data, lines joined by LF
 */
record ServerSentEvent(String type, String id, String data) {}
