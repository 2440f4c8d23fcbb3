package dev.hark.app.listen;

import java.time.Duration;

/**
 * How a listener treats its connections.
 *
 * @param places         how many it holds at once, positive
 * @param tls            whether they are encrypted
 * @param arrivalTimeout how long a handshake or the head of a request may take, and the next {@value Connection#LEAST_BODY_BYTES} bytes
 *                       of a body or its end; positive
 */
public record ListenSettings(int places, boolean tls, Duration arrivalTimeout) {}
