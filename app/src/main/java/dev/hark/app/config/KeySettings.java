package dev.hark.app.config;

/**
 * A key for a service.
 *
 * @param name        by which the log and revocations know it
 * @param hash        the SHA-256 of the key, in hexadecimal; empty where there is a certificate alone
 * @param certificate the SHA-256 of a client certificate that stands for the key, in hexadecimal; empty where none does
 * @param rights      what it lets do
 * @param admin       whether the admin listener answers to it
 * @param publishRate how many events may be published with it in a second; 0: as many as {@code limits.publish-rate} says
 */
public record KeySettings(String name, String hash, String certificate, Rights rights, boolean admin, int publishRate) {
    /** Whether {@code other} has its name, and whoever has the credential of one has that of the other. */
    public boolean isSameCredential(KeySettings other) {
        return name.equals(other.name) && hash.equals(other.hash) && certificate.equals(other.certificate);
    }
}
