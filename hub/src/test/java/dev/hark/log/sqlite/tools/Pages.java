package dev.hark.log.sqlite.tools;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The pages of a SQLite database (sqlite.org/fileformat.html), and what can go wrong with them. */
final class Pages {
    static final int BYTES = 4_096;
    private static final int FILE_HEADER = 100;
    private static final int TABLE_LEAF = 0x0d;
    private static final int TABLE_INTERIOR = 0x05;

    private final byte[] file;
    private final ByteBuffer words;

    Pages(byte[] file) {
        this.file = file;
        this.words = ByteBuffer.wrap(file);
    }

    int count() {
        return file.length / BYTES;
    }

    private int start(int page) {
        return (page - 1) * BYTES + (page == 1 ? FILE_HEADER : 0);
    }

    private List<Integer> of(int type) {
        var pages = new ArrayList<Integer>();
        for (int page = 2; page <= count(); page++) {
            // Not an overflow page that begins likewise.
            if (file[start(page)] == type && cells(page) > 1 && cells(page) < 600) {
                pages.add(page);
            }
        }
        return pages;
    }

    private int cells(int page) {
        return words.getShort(start(page) + 3) & 0xffff;
    }

    List<Integer> leaves() {
        return of(TABLE_LEAF);
    }

    List<Integer> interiors() {
        return of(TABLE_INTERIOR);
    }

    /** Where the pointers to the children of an interior page stand, the last one's first. */
    private List<Integer> children(int page) {
        var at = new ArrayList<Integer>();
        at.add(start(page) + 8);
        for (int i = 0; i < cells(page); i++) {
            at.add((page - 1) * BYTES + (words.getShort(start(page) + 12 + 2 * i) & 0xffff));
        }
        at.removeIf(each -> each + 4 > file.length);
        return at;
    }

    void zero(int page) {
        Arrays.fill(file, (page - 1) * BYTES, page * BYTES, (byte) 0);
    }

    void copy(int from, int to) {
        System.arraycopy(file, (from - 1) * BYTES, file, (to - 1) * BYTES, BYTES);
    }

    void swap(int one, int other) {
        byte[] kept = Arrays.copyOfRange(file, (one - 1) * BYTES, one * BYTES);
        copy(other, one);
        System.arraycopy(kept, 0, file, (other - 1) * BYTES, BYTES);
    }

    /** Has every child of an interior page but each {@code keep}-th be {@code target}. */
    void lead(int page, int target, int keep) {
        List<Integer> children = children(page);
        for (int i = 0; i < children.size(); i++) {
            if (keep == 0 || i % keep != 0) {
                words.putInt(children.get(i), target);
            }
        }
    }

    void leadAstray(int page, Random random) {
        List<Integer> children = children(page);
        words.putInt(children.get(random.nextInt(children.size())), 1 + random.nextInt(count()));
    }

    /** The rows of a leaf in falling order. */
    void reverse(int page) {
        int cells = cells(page);
        int at = start(page) + 8;
        for (int i = 0; i < cells / 2; i++) {
            short low = words.getShort(at + 2 * i);
            words.putShort(at + 2 * i, words.getShort(at + 2 * (cells - 1 - i)));
            words.putShort(at + 2 * (cells - 1 - i), low);
        }
    }

    /** Gives a row of a leaf another number. */
    void renumber(int page, Random random) {
        int cell = (page - 1) * BYTES + (words.getShort(start(page) + 8 + 2 * random.nextInt(cells(page))) & 0xffff);
        // After the length of the row, a varint.
        while (cell < file.length - 9 && (file[cell] & 0x80) != 0) {
            cell++;
        }
        file[Math.min(cell + 1 + random.nextInt(2), file.length - 1)] ^= (byte) (1 << random.nextInt(8));
    }
}
