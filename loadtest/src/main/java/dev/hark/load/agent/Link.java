package dev.hark.load.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/**
 * A connection between controller and agent: JSON objects, each after its length in four bytes,
 * big-endian. Every object has a {@code type}.
 *
 * <p>Any thread may {@link #send} and {@link #close}; {@link #receive} is for one thread.
 */
final class Link implements AutoCloseable {
    /** Raised when the two sides of a connection would misread each other. */
    static final int VERSION = 5;

    /** Before the token was checked: enough for a token, and for a sentence. */
    static final int MAX_GREETING_BYTES = 4 * 1024;

    /** The largest message is one of {@link Results#CHUNK_EVENTS} events, or a result with its histograms. */
    static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    Link(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    static ObjectNode message(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    static String typeOf(JsonNode message) {
        return message.path("type").asText();
    }

    /** How long {@link #receive} waits; zero is forever. */
    void setPatience(Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
    }

    void send(ObjectNode message) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(message);
        if (bytes.length > MAX_MESSAGE_BYTES) {
            throw new IOException("message '%s' of %d bytes; the limit is %d".formatted(typeOf(message), bytes.length, MAX_MESSAGE_BYTES));
        }
        synchronized (out) {
            out.writeInt(bytes.length);
            out.write(bytes);
            out.flush();
        }
    }

    /** The next message; {@link EOFException} when the other side has closed. */
    JsonNode receive(int maxBytes) throws IOException {
        int length = in.readInt();
        if (length < 2 || length > maxBytes) {
            throw new IOException("a message of %d bytes; the limit is %d".formatted(length & 0xFFFF_FFFFL, maxBytes));
        }
        JsonNode message = JSON.readTree(in.readNBytes(length));
        if (message == null || !message.isObject()) {
            throw new EOFException("the connection ended within a message");
        }
        return message;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
