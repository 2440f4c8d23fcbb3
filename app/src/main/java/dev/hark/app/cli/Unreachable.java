package dev.hark.app.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;

/** Why a hub cannot be reached, in words. */
final class Unreachable {
    private Unreachable() {}

    static String inWords(IOException failure) {
        return switch (failure) {
            case HttpConnectTimeoutException e -> "connecting takes too long";
            case HttpTimeoutException e -> "no answer in time";
            case ConnectException e when e.getCause() instanceof ConnectException c && c.getCause() instanceof UnresolvedAddressException ->
                "unknown host";
            case ConnectException e -> "connection refused";
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
    }
}
