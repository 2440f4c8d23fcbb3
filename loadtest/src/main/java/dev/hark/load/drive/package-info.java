/**
 * The sockets: reader threads that hold all streams, the publisher, and the run that conducts them.
 *
 * <p>One thread with one selector per {@link dev.hark.load.drive.StreamLoop} and one for {@link dev.hark.load.drive.PublishLoop}; the
 * thread that calls {@link dev.hark.load.drive.FanoutRun} waits for them.
 */
@NullMarked
package dev.hark.load.drive;

import org.jspecify.annotations.NullMarked;
