package dev.hark.log.replicated;

import java.io.IOException;

/** What is kept as a snapshot is not what was kept: to read it again does not help. */
public final class DamagedSnapshotException extends IOException {
    private static final long serialVersionUID = 1;

    public DamagedSnapshotException(String message) {
        super(message);
    }
}
