package dev.hark.log.sqlite.tools;

import java.io.IOException;

/** Where an exported log goes. */
public interface ExportSink {
    /** An event, in the log's order. */
    void event(ExportedEvent event) throws IOException;

    /** Events are left out here: a sentence that says which and why. */
    void missing(String why) throws IOException;
}
