package dev.hark.load.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExaminationTest {
    @TempDir
    Path proc;

    @BeforeEach
    void aHealthyMachine() throws IOException {
        write("self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max open files            20000                20000                files
                """);
        write("77/limits", "Max open files            1024                 20000                files\n");
        write("sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
        write("sys/net/core/somaxconn", "4096\n");
        write("sys/net/ipv4/tcp_wmem", "4096\t16384\t4194304\n");
        write("sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n");
        write("meminfo", "MemTotal:       24684000 kB\nMemAvailable:   20000000 kB\n");
        write("cpuinfo", "processor\t: 0\nprocessor\t: 1\n");
    }

    @Test
    void findsNothingToStopARunThatFits() {
        assertThat(grades(10_000, true, OptionalLong.empty())).doesNotContain(Finding.Grade.STOP);
    }

    @Test
    void countsDescriptorsToTheLast() {
        assertThat(grades(19_800, true, OptionalLong.empty())).doesNotContain(Finding.Grade.STOP);
        assertThat(examine(19_801, true, OptionalLong.empty()))
                .anySatisfy(finding -> {
                    assertThat(finding.grade()).isEqualTo(Finding.Grade.STOP);
                    assertThat(finding.sentence()).contains("20,000 allowed").contains("20,001 needed").contains("at most 19,800");
                });
    }

    @Test
    void looksAtTheServersDescriptorsToo() {
        assertThat(examine(5000, true, OptionalLong.of(77)))
                .anySatisfy(finding -> {
                    assertThat(finding.subject()).contains("77");
                    assertThat(finding.grade()).isEqualTo(Finding.Grade.STOP);
                });
    }

    @Test
    void missesPortsOnlyOffLoopback() throws IOException {
        write("self/limits", "Max open files            unlimited            unlimited            files\n");
        assertThat(grades(28_232, false, OptionalLong.empty())).doesNotContain(Finding.Grade.STOP);
        assertThat(grades(28_233, true, OptionalLong.empty())).doesNotContain(Finding.Grade.STOP);
        assertThat(grades(28_233, false, OptionalLong.empty())).contains(Finding.Grade.STOP);
    }

    @Test
    void missesTrackedConnections() throws IOException {
        write("sys/net/netfilter/nf_conntrack_max", "19999\n");
        assertThat(grades(10_000, true, OptionalLong.empty())).contains(Finding.Grade.STOP);
    }

    @Test
    void saysWhatItCouldNotSee() throws IOException {
        Files.delete(proc.resolve("self/limits"));
        assertThat(examine(10, true, OptionalLong.empty())).anySatisfy(finding -> assertThat(finding.sentence()).contains("not known"));
    }

    private List<Finding> examine(long streams, boolean loopback, OptionalLong serverPid) {
        return new Examination(proc, streams).examine(loopback, serverPid.stream().boxed().toList(), 1);
    }

    private List<Finding.Grade> grades(long streams, boolean loopback, OptionalLong serverPid) {
        return examine(streams, loopback, serverPid).stream().map(Finding::grade).toList();
    }

    private void write(String file, String text) throws IOException {
        Path path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
