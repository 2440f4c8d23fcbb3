package dev.hark.load.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/**
 * A process and its descendants, seen through Linux's /proc: a server with worker processes counts as one.
 *
 * <p>Thread-safe.
 */
public final class ProcessProbe implements ServerProbe {
    /** USER_HZ, which Linux fixes at 100 for everything that /proc shows. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** After the command's closing bracket: 0 is the state, so utime (field 14) is 11 and stime 12. */
    private static final int UTIME = 11;

    private static final int PARENT = 1;

    private final long pid;

    public ProcessProbe(long pid) {
        this.pid = pid;
    }

    /** Nothing if it is gone, or this is not Linux. */
    @Override
    public Optional<Sample> sample() {
        try {
            List<Long> family = family();
            long cpu = 0;
            long memory = 0;
            int threads = 0;
            int descriptors = 0;
            for (long member : family) {
                String[] stat = stat(member);
                cpu += (Long.parseLong(stat[UTIME]) + Long.parseLong(stat[UTIME + 1])) * NANOS_PER_TICK;
                memory += family.size() == 1 ? statusBytes(member, "status", "VmRSS:") : statusBytes(member, "smaps_rollup", "Pss:");
                threads += (int) statusNumber(member, "status", "Threads:");
                descriptors += descriptors(member);
            }
            return Optional.of(new Sample(cpu, memory, threads, descriptors));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** From the manifest of the jar that it was started with. */
    @Override
    public Optional<String> version() {
        try {
            List<String> command = List.of(Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).split("\0"));
            int jar = command.indexOf("-jar") + 1;
            Path directory = Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
            if (jar == 0 || jar == command.size()) {
                return Optional.empty();
            }
            try (var file = new JarFile(directory.resolve(command.get(jar)).toFile())) {
                Attributes main = file.getManifest() == null ? new Attributes() : file.getManifest().getMainAttributes();
                String version = main.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
                String title = main.getValue(Attributes.Name.IMPLEMENTATION_TITLE);
                return Optional.ofNullable(version).map(number -> (title == null ? "" : title + " ") + number);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private List<Long> family() throws IOException {
        var family = new ArrayList<Long>(List.of(pid));
        var children = new ArrayList<long[]>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path each : all) {
                long id = Long.parseLong(each.getFileName().toString());
                try {
                    children.add(new long[] {id, Long.parseLong(stat(id)[PARENT])});
                } catch (IOException e) {
                    // It ended while we looked.
                }
            }
        }
        for (int i = 0; i < family.size(); i++) {
            for (long[] child : children) {
                if (child[1] == family.get(i)) {
                    family.add(child[0]);
                }
            }
        }
        return family;
    }

    private static String[] stat(long pid) throws IOException {
        String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return text.substring(text.lastIndexOf(')') + 2).split(" ");
    }

    private static long statusBytes(long pid, String file, String name) throws IOException {
        return statusNumber(pid, file, name) * 1024;
    }

    private static long statusNumber(long pid, String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), file))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.substring(name.length()).strip().split(" ")[0]);
            }
        }
        throw new IOException("/proc/" + pid + "/" + file + " has no line '" + name + "'");
    }

    private static int descriptors(long pid) {
        String[] names = Path.of("/proc", Long.toString(pid), "fd").toFile().list();
        return names == null ? -1 : names.length;
    }
}
