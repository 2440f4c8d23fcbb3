package dev.hark.app.http.wire;

/**
 * What differs between listeners.
 *
 * @param maxRequestLineBytes a request line that is longer is refused
 * @param maxFieldBytes       so are header fields, or trailer fields, that are longer together
 * @param maxBodyBytes        so is a body that is announced to be longer, or that becomes so in chunks
 */
public record WireRules(int maxRequestLineBytes, int maxFieldBytes, long maxBodyBytes) {}
