package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0, true", "10.0.0.0/8, 10.255.255.255, true", "10.0.0.0/8, 11.0.0.0, false", "10.0.0.0/8, 9.255.255.255, false",
        "192.0.2.128/25, 192.0.2.128, true", "192.0.2.128/25, 192.0.2.127, false",
        "127.0.0.1, 127.0.0.1, true", "127.0.0.1, 127.0.0.2, false", "127.0.0.1/32, 127.0.0.2, false", "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false", "::/0, 10.0.0.1, false", "::/0, 2001:db8::1, true",
        "2001:db8:1:2::/64, 2001:db8:1:2:ffff::, true", "2001:db8:1:2::/64, 2001:db8:1:3::, false", "::1, ::1, true", "::1, ::2, false",
        "10.0.0.0/8, ::ffff:10.1.2.3, true", "::ffff:10.1.2.3, 10.1.2.3, true"
    })
    void holdsWhatBeginsAsItDoes(String range, String address, boolean in) {
        assertThat(AddressRange.parse(range).contains(IpLiteral.parse(address))).isEqualTo(in);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.1/8", "::1/64", "::/129", "10/8",
        "10.0.0", "1", "256.0.0.1", "010.0.0.1", "0x7f.0.0.1", "1.2.3.4.5", "1.2.3.4.", "[::1]", "fe80::1%1", ":::", "1::2::3",
        "proxy.example", "10.0.0.0 /8", "::ffff:10.0.0.0/104"
    })
    void isRefusedWhereItIsNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressRange.parse(text));
    }

    @Test
    void isReadFromTheConfiguration() {
        assertThat(Configured.file("server: {proxies: [10.0.0.0/8, '::1']}").load().server().proxies())
                .containsExactly(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("::1/128"));
        Configured.set("server.proxies", "10.0.0.1/8").refusal().isEqualTo("server.proxies is '10.0.0.1/8' (--set);"
                + " an address or a range such as 10.0.0.0/8 is allowed (the address has bits behind the first 8)");
    }
}
