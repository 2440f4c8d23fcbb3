package dev.hark.app.http.wire;

import dev.hark.app.listen.WrappedSocket;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.DateTime;
import io.helidon.webserver.ConnectionContext;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What Helidon reads the requests of a connection from. It knows at every byte whether that belongs to a head or a body: what it gives is
 * well-formed, and of one request at a time. What is not, it answers by itself, and ends the connection.
 *
 * <p>A pull for more than a request has means that the request is answered; so nothing of the next one is read before.
 * Confined to the connection's thread.
 */
public final class RequestFront implements Supplier<byte @Nullable []> {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Of the size of a chunk: so many digits as any array needs, and CR LF. */
    private static final int CHUNK_LINE_BYTES = 10;
    private static final byte[] CHUNK_LINE = "00000000\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};

    private enum At {
        HEAD,
        LENGTH,
        CHUNKS
    }

    private final HelidonSocket socket;
    private final Source source;
    private final ConnectionContext context;
    private final WireRules rules;
    private final ClientFaults faults;
    private final RefusalText text;
    private final HeadRoom.Source rooms;
    private final AnswerWriter answers;

    private At at = At.HEAD;
    private byte[] in = NOTHING;
    private int position;

    /** What the current request's head has taken, and how much; null where it is no longer than usual. */
    private @Nullable HeadRoom room;
    private int roomTaken;

    /** Of a body with a length: what has not been given yet. */
    private long remaining;
    private @Nullable ChunkReader chunks;

    /** How much of the current request's body came along with its head. */
    private int behindHead;

    /** Whether the current request is for the head of the answer alone. */
    private boolean headAlone;

    /** Where the page is from that sends a body in chunks, which may yet be refused; null where it does not say. */
    private @Nullable String origin;

    private boolean http10;
    private boolean closing;

    /** Whether the client sends the body only once it is told to go on. */
    private boolean awaited;

    /** Whether the client may be sending, though nothing of it will be read. */
    private boolean refused;

    /** Whether there is nobody at the other end. */
    private boolean gone;

    /** Where the bytes of a connection come from. */
    @FunctionalInterface
    public interface Source {
        /**
         * The next of them; null where there will be none.
         *
         * @param begun whether a part of a request is there already
         * @throws UncheckedIOException if the connection cannot be read
         */
        byte @Nullable [] read(boolean begun);
    }

    /**
     * @param context the connection as Helidon has it
     * @param source  where its bytes come from
     * @param text what is answered to a refusal
     * @param rooms where long heads have their room from
     */
    public RequestFront(ConnectionContext context, Source source, WireRules rules, ClientFaults faults, RefusalText text,
            HeadRoom.Source rooms) {
        this.source = source;
        this.context = context;
        this.socket = context.serverSocket();
        this.rules = rules;
        this.faults = faults;
        this.text = text;
        this.rooms = rooms;
        this.answers = new AnswerWriter(context.dataWriter(), this::clientGone);
    }

    /** The connection as Helidon's HTTP is to see it. */
    public ConnectionContext context() {
        return new FrontContext(context, DataReader.create(this), answers, this);
    }

    /** Whether the client of the request that is being answered speaks HTTP/1.0, and so knows nothing of chunks. */
    public static boolean isHttp10(ConnectionContext context) {
        return context instanceof FrontContext ours && ours.front().http10;
    }

    /** How many bytes of the current request's body, in their chunks where it has some, came along with its head. */
    public int behindHead() {
        return behindHead;
    }

    /** More of the request, or of the next one; null where there will be none. */
    @Override
    public byte @Nullable [] get() {
        if (gone) {
            throw new ConnectionEnd("the client has gone");
        }
        return switch (at) {
            case HEAD -> nextHead();
            case LENGTH -> beforeBody() ? nextOfLength() : null;
            case CHUNKS -> beforeBody() ? nextChunks() : null;
        };
    }

    /** Reads for a while what the client still sends, where it would otherwise be reset before it has read its answer. */
    public void linger() {
        if (!gone && (refused || at != At.HEAD) && !Thread.currentThread().isInterrupted()) {
            LingeringClose.close(socket);
        }
    }

    /** Gives back what a long head has taken. To be called when its request is answered, or has become a stream. */
    public void giveBack() {
        HeadRoom taken = room;
        if (taken != null) {
            taken.giveBack();
            room = null;
            roomTaken = 0;
        }
    }

    private byte @Nullable [] nextHead() {
        giveBack();
        answers.expect(false, false);
        // Where nothing has come, nothing is needed either: most connections are idle most of the time.
        if (closing || !fill(false)) {
            return null;
        }
        var head = new HeadReader(rules);
        do {
            if (!fill(head.begun())) {
                if (head.begun()) {
                    throw left("the client left within a head");
                }
                return null;
            }
            position = head.read(in, position, in.length);
            Refusal refusal = head.refusal();
            if (refusal != null) {
                throw refuse(refusal, head.head(), head.origin());
            }
            if (head.size() > HeadRoom.USUAL_BYTES) {
                requireRoom(head.held() - HeadRoom.USUAL_BYTES);
            }
        } while (!head.done());
        headAlone = head.head();
        http10 = head.http10();
        closing = head.close();
        awaited = head.expectsContinue() && position == in.length;
        answers.expect(headAlone, closing || awaited);
        if (head.chunked()) {
            at = At.CHUNKS;
            chunks = new ChunkReader(rules);
            origin = head.origin();
            behindHead = in.length - position;
            return head.bytes(0);
        }
        return withBody(head);
    }

    /**
     * Where there is no room for a long head the connection ends without an answer: a browser comes back behind that, and takes an answer
     * that is no stream for the end of its EventSource (WHATWG HTML, section 9.2.3).
     */
    private void requireRoom(int beyondUsual) {
        if (beyondUsual <= roomTaken) {
            return;
        }
        if (room == null) {
            room = rooms.of(context.remotePeer());
        }
        if (!room.take(beyondUsual - roomTaken)) {
            giveBack();
            // What was answered before may still be on its way.
            refused = true;
            answers.end();
            throw new ConnectionEnd("there is no room for a head of more than " + HeadRoom.USUAL_BYTES + " bytes");
        }
        roomTaken = beyondUsual;
    }

    /** The head, and as much of its body as has come. */
    private byte[] withBody(HeadReader head) {
        long length = head.length();
        int here = (int) Math.min(length, in.length - position);
        byte[] bytes = head.bytes(here);
        System.arraycopy(in, position, bytes, bytes.length - here, here);
        advance(here);
        remaining = length - here;
        behindHead = here;
        at = remaining > 0 ? At.LENGTH : At.HEAD;
        return bytes;
    }

    /**
     * Whether more of the body is to be given. Not where a client that waits for a word has been answered without its body: whether it
     * sends that all the same, nobody knows (RFC 9110, section 10.1.1).
     */
    private boolean beforeBody() {
        if (!awaited) {
            return true;
        }
        if (answers.begun()) {
            closing = true;
            return false;
        }
        awaited = false;
        answers.closeBehind(closing);
        answers.writeOwn(CONTINUE);
        return true;
    }

    private byte[] nextOfLength() {
        fillBody();
        int here = (int) Math.min(remaining, in.length - position);
        byte[] bytes = position == 0 && here == in.length ? in : Arrays.copyOfRange(in, position, position + here);
        advance(here);
        remaining -= here;
        if (remaining == 0) {
            at = At.HEAD;
        }
        return bytes;
    }

    /** What is in the chunks that have come, in one. */
    private byte[] nextChunks() {
        ChunkReader reader = chunks;
        if (reader == null) {
            throw new IllegalStateException("a body in chunks has a reader");
        }
        byte[] bytes = NOTHING;
        int size = 0;
        while (size == 0 && !reader.done()) {
            fillBody();
            bytes = new byte[CHUNK_LINE_BYTES + in.length - position + 2 + LAST_CHUNK.length];
            int to = reader.read(in, position, in.length, bytes, CHUNK_LINE_BYTES);
            advance(to - position);
            size = reader.size();
            Refusal refusal = reader.refusal();
            if (refusal != null) {
                throw refuse(refusal, headAlone, origin);
            }
        }
        int end = 0;
        if (size > 0) {
            System.arraycopy(CHUNK_LINE, 0, bytes, 0, CHUNK_LINE_BYTES);
            for (int i = 7, rest = size; rest > 0; i--, rest >>>= 4) {
                bytes[i] = DIGITS[rest & 0xf];
            }
            end = CHUNK_LINE_BYTES + size;
            bytes[end++] = '\r';
            bytes[end++] = '\n';
        }
        if (reader.done()) {
            System.arraycopy(LAST_CHUNK, 0, bytes, end, LAST_CHUNK.length);
            end += LAST_CHUNK.length;
            chunks = null;
            origin = null;
            at = At.HEAD;
        }
        return Arrays.copyOf(bytes, end);
    }

    private void fillBody() {
        if (!fill(true)) {
            throw left("the client left within a body");
        }
    }

    /**
     * Has at least one byte in {@code in}; false where there will be none.
     *
     * @param begun whether a part of a request is there already
     */
    private boolean fill(boolean begun) {
        if (position < in.length) {
            return true;
        }
        advance(0);
        try {
            byte[] bytes = source.read(begun);
            if (bytes == null) {
                gone = true;
                return false;
            }
            in = bytes;
            position = 0;
            return true;
        } catch (UncheckedIOException e) {
            clientGone(e);
            throw new ConnectionEnd(String.valueOf(e.getMessage()));
        }
    }

    /** An idle connection keeps nothing of what came over it. */
    private void advance(int bytes) {
        position += bytes;
        if (position == in.length) {
            in = NOTHING;
            position = 0;
        }
    }

    private ConnectionEnd left(String how) {
        faults.add(ClientFaults.Kind.LEFT);
        answers.end();
        return new ConnectionEnd(how);
    }

    /** Where reading or writing failed. It is this hub that has closed where the thread was interrupted, or the socket is closed here. */
    private void clientGone(UncheckedIOException e) {
        gone = true;
        Socket own = WrappedSocket.of(socket);
        if (!Thread.currentThread().isInterrupted() && (own == null || !own.isClosed())) {
            faults.add(ClientFaults.Kind.RESET);
        }
        answers.end();
    }

    /** Answers, where that has not been done, and ends. */
    private ConnectionEnd refuse(Refusal refusal, boolean withoutBody, @Nullable String from) {
        refused = true;
        faults.refused(context.remotePeer().host(), refusal);
        if (!answers.begun()) {
            answers.writeOwn(answer(refusal, withoutBody, from));
        }
        answers.end();
        return new ConnectionEnd(refusal.detail());
    }

    private byte[] answer(Refusal refusal, boolean withoutBody, @Nullable String from) {
        byte[] document = text.document(refusal);
        String coding = refusal.reason() == Refusal.Reason.UNSUPPORTED_CODING ? "Accept-Encoding: identity\r\n" : "";
        byte[] lines = ("HTTP/1.1 " + refusal.reason().status() + ' ' + refusal.reason().phrase()
                + "\r\nDate: " + DateTime.rfc1123String()
                + "\r\nContent-Type: application/problem+json\r\nContent-Length: " + document.length + "\r\n"
                + coding + text.fieldLines(from) + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        if (withoutBody) {
            return lines;
        }
        byte[] answer = Arrays.copyOf(lines, lines.length + document.length);
        System.arraycopy(document, 0, answer, lines.length, document.length);
        return answer;
    }
}
