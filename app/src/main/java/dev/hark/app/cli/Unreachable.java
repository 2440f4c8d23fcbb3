package dev.hark.app.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Why nothing came of a request, in words. Stateless. */
final class Unreachable {
    private static final int MAX_CAUSES = 16;
    private static final Set<CertPathValidatorException.Reason> DATES = Set.of(BasicReason.EXPIRED, BasicReason.NOT_YET_VALID);
    private static final String UNTRUSTED = " is not trusted: nobody known here vouches for it; --cacert FILE names your own authority";

    private Unreachable() {}

    /** Why no hub answers. */
    static String inWords(IOException failure) {
        return switch (failure) {
            case HttpConnectTimeoutException e -> "connecting takes too long";
            case HttpTimeoutException e -> "no answer in time";
            case ConnectException e when e.getCause() instanceof ConnectException c && c.getCause() instanceof UnresolvedAddressException ->
                "unknown host";
            case UnknownHostException e -> "unknown host";
            case ConnectException e -> "connection refused";
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
    }

    /** Why somebody who does answer at {@code url} is not spoken with, a sentence; empty where the reason is another one. */
    static Optional<String> distrust(String url, IOException failure) {
        if (!(failure instanceof SSLException)) {
            return Optional.empty();
        }
        String subject = "the certificate of " + url;
        return Stream.iterate((Throwable) failure, e -> e != null, Throwable::getCause)
                .limit(MAX_CAUSES)
                .map(cause -> switch (cause) {
                    case CertificateExpiredException e -> subject + " has expired";
                    case CertificateNotYetValidException e -> subject + " is not valid yet; is this machine's clock right?";
                    case CertPathBuilderException e -> subject + UNTRUSTED;
                    case CertPathValidatorException e when !DATES.contains(e.getReason()) -> subject + UNTRUSTED;
                    case CertificateException e when isOfAnotherName(e) -> subject + " is for another name";
                    case SSLException e when isPlain(e) -> "what answers at " + url + " does not speak TLS; is it http:// instead?";
                    default -> "";
                })
                .filter(sentence -> !sentence.isEmpty())
                .findFirst();
    }

    /** The JDK has no class of its own for this (sun.security.util.HostnameChecker). */
    private static boolean isOfAnotherName(CertificateException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith("No subject alternative") || message.startsWith("No name matching");
    }

    private static boolean isPlain(SSLException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith("Unsupported or unrecognized SSL message") || message.startsWith("Unrecognized SSL message");
    }
}
