package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.config.AddressRange;
import dev.hark.app.config.IpLiteral;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** 10.0.0.0/8 and 2001:db8:f::/48 are proxies, and one of them is connected where nothing else is said. */
class ClientAddressesTest {
    private static final String PROXY = "10.0.0.1";
    private static final String CLIENT = "203.0.113.9";
    private static final ClientAddresses ADDRESSES =
            new ClientAddresses(Stream.of("10.0.0.0/8", "2001:db8:f::/48").map(AddressRange::parse).toList());

    private static String client(String peer, List<String> forwardedFor, List<String> forwarded) {
        return ADDRESSES.client(IpLiteral.parse(peer), forwardedFor, forwarded).getHostAddress();
    }

    private static String forwardedFor(String... lines) {
        return client(PROXY, List.of(lines), List.of());
    }

    private static String forwarded(String... lines) {
        return client(PROXY, List.of(), List.of(lines));
    }

    @Test
    void nobodyElseIsBelieved() {
        assertThat(client("198.51.100.1", List.of(CLIENT), List.of("for=" + CLIENT))).isEqualTo("198.51.100.1");
        var none = new ClientAddresses(List.of());
        assertThat(none.client(IpLiteral.parse(PROXY), List.of(CLIENT), List.of()).getHostAddress()).isEqualTo(PROXY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "203.0.113.9; 203.0.113.9",
        "6.6.6.6, 203.0.113.9; 203.0.113.9",
        "6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.3; 203.0.113.9",
        "10.0.0.3, 10.0.0.2; 10.0.0.3",
        "203.0.113.9:4711, 10.0.0.2:80; 203.0.113.9",
        "6.6.6.6,\t203.0.113.9 ; 203.0.113.9",
        "2001:db8::7; 2001:db8:0:0:0:0:0:7",
        "[2001:db8::7], 2001:db8:f::1; 2001:db8:0:0:0:0:0:7",
        "[2001:db8::7]:443; 2001:db8:0:0:0:0:0:7",
        "::ffff:203.0.113.9, ::ffff:10.0.0.2; 203.0.113.9",
    })
    void theFirstFromTheRightThatIsNoProxyIsTheClient(String header, String client) {
        assertThat(forwardedFor(header)).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ",", "unknown", "_hidden", "203.0.113.9,", "203.0.113.9, ", "203.0.113.9, x", "203.0.113.9, 1", "203.0.113.9, 10.2",
        "203.0.113.9, 010.0.0.2", "203.0.113.9, 256.0.0.1", "203.0.113.9, [::1", "203.0.113.9, ::1]", "203.0.113.9, [10.0.0.2]",
        "203.0.113.9, 10.0.0.2:", "203.0.113.9, 10.0.0.2:123456", "203.0.113.9, fe80::1%eth0", "203.0.113.9, \"10.0.0.2\"",
        "203.0.113.9, 10.0.0.2 10.0.0.3", "203.0.113.9; 10.0.0.2", "203.0.113.9, localhost", "203.0.113.9, \u00b2.0.0.1"
    })
    void whatIsNoAddressIsNotPassedOver(String header) {
        assertThat(forwardedFor(header)).isEqualTo(PROXY);
        assertThat(forwardedFor(header + ", 10.0.0.7")).as("the nearest one believed").isEqualTo("10.0.0.7");
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(forwardedFor("6.6.6.6", CLIENT + ", 10.0.0.2", "10.0.0.3")).isEqualTo(CLIENT);
        assertThat(forwardedFor(CLIENT, "6.6.6.6")).isEqualTo("6.6.6.6");
        assertThat(forwarded("for=6.6.6.6", "for=" + CLIENT + ", for=10.0.0.2", "for=10.0.0.3")).isEqualTo(CLIENT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "for=203.0.113.9 | 203.0.113.9",
        "For=\"203.0.113.9\" | 203.0.113.9",
        "for=\"203.0.113.9:4711\" | 203.0.113.9",
        "for=\"203.0.113.9:_port\";proto=https | 203.0.113.9",
        "for=6.6.6.6, for=203.0.113.9;by=10.0.0.1;host=\"a, b; for=c\";proto=http, for=10.0.0.2 | 203.0.113.9",
        "proto=http;;for=203.0.113.9; | 203.0.113.9",
        "for=\"[2001:db8::7]:4711\", for=\"[2001:db8:f::1]\" | 2001:db8:0:0:0:0:0:7",
        "for=\"\\2\\03.0.113.9\" | 203.0.113.9",
        "for=unknown, for=10.0.0.2 | 10.0.0.2",
        "for=203.0.113.9, for=_SEVKISEK, for=10.0.0.2 | 10.0.0.2",
        "for=203.0.113.9, proto=http | 10.0.0.1",
        "for=203.0.113.9, , for=10.0.0.2 | 10.0.0.2",
    })
    void forwardedIsReadAsItsRfcSays(String header, String client) {
        assertThat(forwarded(header)).isEqualTo(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "for", "for=", "for=\"203.0.113.9", "for=\"203.0.113.9\\", "for=203.0.113.9:80", "for=[2001:db8::7]", "for=2001:db8::7",
        "for=203.0.113.9;for=203.0.113.9", "for = 203.0.113.9", "for=203.0.113.9 by=x", "=203.0.113.9", "for=\"203.0.113.9\"x", "\u00e9=1",
        "for=6.6.6.6;by=\", for=203.0.113.9;by=\"10.0.0.1:80\""
    })
    void nothingOfOneThatIsMalformedIsBelieved(String header) {
        assertThat(forwarded(header)).isEqualTo(PROXY);
        assertThat(forwarded("for=" + CLIENT, header)).isEqualTo(PROXY);
    }

    /** Proxies add to one of the two, and a client writes what it likes into the other. */
    @Test
    void whereTheyContradictEachOtherNeitherIsBelieved() {
        assertThat(client(PROXY, List.of(CLIENT), List.of("for=6.6.6.6"))).isEqualTo(PROXY);
        assertThat(client(PROXY, List.of("6.6.6.6"), List.of("for=" + CLIENT))).isEqualTo(PROXY);
        assertThat(client(PROXY, List.of("x, " + CLIENT), List.of("for=6.6.6.6, for=" + CLIENT))).isEqualTo(CLIENT);
    }

    /** Whatever a client sends: its own address counts, or that of the proxy which took its word for none. */
    @Test
    void noClientTakesOnTheAddressOfAnother() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String alphabet = "for=,;\":[]. _\\10269abx6.6.6.6";
        for (int round = 0; round < 20_000; round++) {
            var sent = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                sent.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(forwardedFor(sent + ", " + CLIENT)).as("%s of seed %s", sent, seed).isEqualTo(CLIENT);
            assertThat(forwarded(sent + ", for=" + CLIENT)).as("%s of seed %s", sent, seed).isIn(CLIENT, PROXY);
            assertThat(client(PROXY, List.of(CLIENT), List.of(sent.toString()))).as("%s of seed %s", sent, seed).isIn(CLIENT, PROXY);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.9, 203.0.113.9", "::ffff:203.0.113.9, 203.0.113.9", "2001:db8:1:2::7, 2001:db8:1:2::/64",
        "2001:db8:1:2:ffff:ffff:ffff:ffff, 2001:db8:1:2::/64", "2001:db8:1:3::7, 2001:db8:1:3::/64", "::1, 0:0:0:0::/64"
    })
    void countsTheNetworkOfAnIpv6Address(String address, String counted) {
        assertThat(ClientAddresses.counted(IpLiteral.parse(address))).isEqualTo(counted);
    }
}
