package dev.hark.load.wire;

import java.util.List;

/** Streams, and pieces to make streams of, that touch every rule of the format. */
final class SseCorpus {
    static final List<String> STREAMS = List.of(
            "retry: 2000\nid: e-1\n\nevent: order\nid: e-2\ndata: a\ndata: b\n\n: beat\n\nid: e-9\n\n",
            "\uFEFFid: 1\r\ndata: x\r\n\r\ndata: y\r\rdata:\n\n",
            "\uFEFF\uFEFFdata: x\n\ndata:z\n\n",
            "data\n\ndata\ndata\n\ndata:\n\n",
            "id: a\0b\ndata: nul\0in data\n\nid\ndata: after\n\n",
            ":\n: comment \u2028\n\nevent: t\u00e4\ndata: \ud83d\ude00 astral\n\nretry: 12x\nretry: 7\n\n",
            "data:  two spaces\r\n\r\ndata: cut off");

    static final List<String> PIECES = List.of(
            "\n", "\n", "\r", "\r\n", "\n\n", ":", ": note", " ", "data", "data:", "data: ", "event: ", "id: ",
            "id", "retry: ", "12", "x", "\0", "\uFEFF",
            "\u2028", "\u00fc", "\ud83d\ude00", "data: x\n\n", "id: 7\ndata: y\r\r", "hark.gap",
            "a longer piece of text that crosses a read");

    private SseCorpus() {}
}
