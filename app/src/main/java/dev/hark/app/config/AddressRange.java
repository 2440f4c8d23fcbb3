package dev.hark.app.config;

import java.net.InetAddress;

/**
 * The IP addresses that begin with the same bits, as CIDR writes them ({@code 10.0.0.0/8}), or a single one. Immutable.
 *
 * @param base the first of them
 * @param bits how many leading bits all of them share
 */
public record AddressRange(InetAddress base, int bits) {
    /** @throws IllegalArgumentException if {@code base} has fewer bits, or others set behind them */
    public AddressRange {
        int all = base.getAddress().length * Byte.SIZE;
        if (bits < 0 || bits > all) {
            throw new IllegalArgumentException("an address of " + all + " bits takes /0 to /" + all);
        }
        for (int bit = bits; bit < all; bit++) {
            if (bit(base.getAddress(), bit)) {
                throw new IllegalArgumentException("the address has bits behind the first " + bits);
            }
        }
    }

    /**
     * A range, or one address without a slash.
     *
     * @throws IllegalArgumentException if {@code text} is neither
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        InetAddress base = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return new AddressRange(base, base.getAddress().length * Byte.SIZE);
        }
        String bits = text.substring(slash + 1);
        if (!bits.matches("0|[1-9][0-9]{0,2}")) {
            throw new IllegalArgumentException("behind the slash stands a number of bits");
        }
        return new AddressRange(base, Integer.parseInt(bits));
    }

    /** Whether {@code address} is one of them. IPv4 and IPv6 addresses are never in ranges of the other kind. */
    public boolean contains(InetAddress address) {
        byte[] mine = base.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            if (bit(mine, bit) != bit(other, bit)) {
                return false;
            }
        }
        return true;
    }

    private static boolean bit(byte[] address, int number) {
        return (address[number / Byte.SIZE] >> (Byte.SIZE - 1 - number % Byte.SIZE) & 1) != 0;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return base.getHostAddress() + '/' + bits;
    }
}
