package dev.hark.load.drive;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Locale;

/** Why a connection could not be had, as far as it matters to what a person should do about it. */
public enum Failure {
    /** Nothing listens there, or a name does not resolve. */
    UNREACHABLE("nothing answers there: is the server up, and is the URL right?"),
    /** 401 or 403. */
    UNAUTHORISED("the server wants credentials, or others than these: see --token, --token-secret, --publish-token and --header;"
            + " 'hark token explain' says why Hark refuses one"),
    /** Another status than was expected, or no event stream. */
    REFUSED("the server answered, but not with what was asked for"),
    /** Not HTTP, or broken HTTP. */
    PROTOCOL("the answer broke the protocol"),
    /** The peer reset or closed the connection before its answer was complete. */
    RESET("the server closed the connection before it had answered"),
    /** No answer in time. */
    TIMEOUT("no answer in time: give more with --connect-timeout, or fewer streams"),
    /** No free local port, even after trying other source addresses. */
    NO_PORTS("no local port is free: wait a minute for old ones, or widen net.ipv4.ip_local_port_range"),
    /** This process may open no more descriptors. */
    NO_DESCRIPTORS("this process may open no more files: raise it with ulimit -n, or ask for fewer streams"),
    /** A thread of the generator ended before the run did. */
    BROKEN_GENERATOR("a fault of the generator, or too little memory for it (JAVA_TOOL_OPTIONS=-Xmx...): its numbers are worth nothing");

    private final String advice;

    Failure(String advice) {
        this.advice = advice;
    }

    /** What to do about it, in a sentence. */
    public String advice() {
        return advice;
    }

    /** Whether this machine, not the server, is what has to change. */
    public boolean isOurs() {
        return this == NO_PORTS || this == NO_DESCRIPTORS || this == BROKEN_GENERATOR;
    }

    /** Whether this machine was the limit of what met these failures. */
    public static boolean anyOurs(Collection<Failure> failures) {
        return failures.stream().anyMatch(Failure::isOurs);
    }

    static Failure of(IOException cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("too many open files")) {
            return NO_DESCRIPTORS;
        }
        if (cause instanceof BindException
                || message.contains("cannot assign requested address") || message.contains("address already in use")) {
            return NO_PORTS;
        }
        if (cause instanceof java.net.ProtocolException) {
            return PROTOCOL;
        }
        if (cause instanceof ConnectException || cause instanceof UnknownHostException || message.contains("unreachable")) {
            return message.contains("timed out") ? TIMEOUT : UNREACHABLE;
        }
        return RESET;
    }

    static Failure ofStatus(int status) {
        return status == 401 || status == 403 ? UNAUTHORISED : REFUSED;
    }
}
