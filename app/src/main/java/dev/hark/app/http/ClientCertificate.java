package dev.hark.app.http;

import io.helidon.webserver.http.ServerRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The certificate that the client of a connection has shown, verified: one of the listener's {@code client-authorities} vouched for it when
 * the connection began.
 *
 * @param subject     whom it names (RFC 2253): {@code CN=backend,O=Shop}
 * @param fingerprint the SHA-256 of all of it, in 64 lower-case hexadecimal digits
 * @param expires     when it does
 */
public record ClientCertificate(String subject, String fingerprint, Instant expires) {
    /** Who has sent {@code request}; empty where the connection is not encrypted, or its client has shown none. */
    public static Optional<ClientCertificate> of(ServerRequest request) {
        return request.remotePeer().tlsCertificates().filter(chain -> chain.length > 0).flatMap(chain -> of(chain[0]));
    }

    private static Optional<ClientCertificate> of(Certificate shown) {
        if (!(shown instanceof X509Certificate certificate)) {
            return Optional.empty();
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return Optional.of(new ClientCertificate(
                    certificate.getSubjectX500Principal().getName(),
                    HexFormat.of().formatHex(digest),
                    certificate.getNotAfter().toInstant()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("every Java has SHA-256, and a certificate that was verified has bytes", e);
        }
    }
}
