package dev.hark.load.doctor;

import dev.hark.load.doctor.Finding.Grade;
import dev.hark.load.measure.KernelBuffers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Compares what so many streams need with what the machine gives.
 *
 * <p>Confined to the thread that calls it.
 */
public final class Examination {
    /** The generator's own files, publishing connections and jars. */
    private static final int OWN_DESCRIPTORS = 200;

    /** The heap and kernel memory of one idle stream on this side, generously. */
    private static final long GENERATOR_BYTES_PER_STREAM = 8 * 1024;

    private static final long GENERATOR_BASE_BYTES = 300L << 20;
    private static final int CONNECT_WINDOW = 256;
    private static final int MAX_FILE_BYTES = 1 << 20;

    private final Path proc;
    private final long streams;
    private final List<Finding> findings = new ArrayList<>();

    /** An examination for so many streams, of the kernel that shows itself under {@code proc}. */
    public Examination(Path proc, long streams) {
        this.proc = proc;
        this.streams = streams;
    }

    /**
     * Looks at everything that a file tells.
     *
     * @param loopback whether all servers are on this machine
     * @param serverPids the servers' processes, as far as they are known
     * @param servers how many share the streams; when one of several is lost, the others take its streams
     */
    public List<Finding> examine(boolean loopback, List<Long> serverPids, int servers) {
        descriptors("self", "descriptors of this process", streams);
        long each = Math.ceilDiv(streams, Math.max(1, servers - 1));
        serverPids.forEach(pid -> descriptors(Long.toString(pid), "descriptors of the server (process " + pid + ")", each));
        ports(loopback);
        atLeast("sys/net/core/somaxconn", "queue of connections that wait to be accepted", CONNECT_WINDOW,
                "a burst of connections may be dropped and tried again a second later; raise net.core.somaxconn");
        conntrack();
        buffers();
        memory();
        processors();
        return findings;
    }

    private void descriptors(String process, String subject, long open) {
        long needed = open + OWN_DESCRIPTORS;
        OptionalLong limit = number(process + "/limits", "Max open files");
        if (limit.isEmpty()) {
            add(Grade.NOTE, subject, "not known: " + proc.resolve(process).resolve("limits") + " cannot be read");
        } else if (limit.getAsLong() < needed) {
            long possible = Math.max(0, limit.getAsLong() - OWN_DESCRIPTORS);
            add(Grade.STOP, subject, "%,d allowed, %,d needed; raise them with ulimit -n before starting it, or ask for at most %,d streams"
                    .formatted(limit.getAsLong(), needed, possible));
        } else {
            add(Grade.FINE, subject, "%,d allowed, %,d needed".formatted(limit.getAsLong(), needed));
        }
    }

    private void ports(boolean loopback) {
        String[] range = text("sys/net/ipv4/ip_local_port_range").strip().split("\\s+");
        if (range.length != 2) {
            add(Grade.NOTE, "local ports", "not known");
            return;
        }
        long ports = Long.parseLong(range[1]) - Long.parseLong(range[0]) + 1;
        if (streams <= ports) {
            add(Grade.FINE, "local ports", "%,d for each source address, %,d needed".formatted(ports, streams));
        } else if (loopback) {
            add(Grade.FINE, "local ports",
                    "%,d for each source address; on loopback more addresses are used (127.0.0.2 and so on)".formatted(ports));
        } else {
            add(Grade.STOP, "local ports",
                    "%,d for each source address, %,d needed; widen net.ipv4.ip_local_port_range or use several machines"
                    .formatted(ports, streams));
        }
    }

    private void conntrack() {
        OptionalLong limit = single("sys/net/netfilter/nf_conntrack_max");
        if (limit.isPresent() && limit.getAsLong() < 2 * streams) {
            add(Grade.STOP, "connection tracking", "%,d entries, %,d needed; raise net.netfilter.nf_conntrack_max"
                    .formatted(limit.getAsLong(), 2 * streams));
        } else if (limit.isPresent()) {
            add(Grade.FINE, "connection tracking", "%,d entries, %,d needed".formatted(limit.getAsLong(), 2 * streams));
        }
    }

    /** A reader that stalls is not noticed until both kernels' buffers are full. */
    private void buffers() {
        KernelBuffers buffers = KernelBuffers.of(proc);
        long hidden = buffers.maxSend() + buffers.maxReceive();
        if (hidden > 0) {
            add(Grade.NOTE, "kernel buffers",
                    "a stalled reader can hide up to %,d KiB before the server feels it; --stalled uses a small receive buffer"
                    .formatted(hidden / 1024));
        }
    }

    private void memory() {
        OptionalLong kibibytes = number("meminfo", "MemAvailable:");
        long needed = GENERATOR_BASE_BYTES + streams * GENERATOR_BYTES_PER_STREAM;
        if (kibibytes.isEmpty()) {
            add(Grade.NOTE, "memory", "not known");
        } else {
            long available = kibibytes.getAsLong() * 1024;
            add(available < needed ? Grade.STOP : Grade.FINE, "memory",
                    "%,d MiB available, about %,d MiB needed for this side".formatted(available >> 20, needed >> 20));
        }
    }

    private void processors() {
        long count = text("cpuinfo").lines().filter(line -> line.startsWith("processor")).count();
        if (count > 0) {
            add(count < 2 ? Grade.NOTE : Grade.FINE, "processors", count < 2
                    ? "1: generator and server will take turns on it, and times will show that"
                    : count + "; the generator needs one to itself, more if the server runs here too");
        }
    }

    private void atLeast(String file, String subject, long needed, String otherwise) {
        OptionalLong value = single(file);
        if (value.isPresent()) {
            boolean fine = value.getAsLong() >= needed;
            add(fine ? Grade.FINE : Grade.NOTE, subject,
                    "%,d, %,d needed%s".formatted(value.getAsLong(), needed, fine ? "" : "; " + otherwise));
        }
    }

    private void add(Grade grade, String subject, String sentence) {
        findings.add(new Finding(grade, subject, sentence));
    }

    private OptionalLong single(String file) {
        String text = text(file).strip();
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    /** The first number on the line that begins with a name; "unlimited" is the largest. */
    private OptionalLong number(String file, String name) {
        return text(file).lines().filter(line -> line.startsWith(name)).mapToLong(line -> {
            String value = line.substring(name.length()).strip().split("\\s+")[0].toLowerCase(Locale.ROOT);
            return value.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(value);
        }).findFirst();
    }

    /** Read in large pieces: a file below /proc/sys gives all it has to the first read, and nothing to a second. */
    private String text(String file) {
        try (InputStream in = Files.newInputStream(proc.resolve(file))) {
            return new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
