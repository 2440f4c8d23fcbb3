package dev.hark.load.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkTest {
    private ServerSocket server;
    private Socket raw;
    private Link link;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        raw = new Socket(server.getInetAddress(), server.getLocalPort());
        link = new Link(server.accept());
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        raw.close();
        server.close();
    }

    @Test
    void receivesWhatWasSent() throws IOException {
        var other = new Link(raw);
        other.send(Link.message("hello").put("n", 1));
        other.send(Link.message("bye"));
        assertThat(link.receive(100).path("n").asInt()).isEqualTo(1);
        assertThat(Link.typeOf(link.receive(100))).isEqualTo("bye");
    }

    @Test
    void takesAMessageAtTheLimitAndRefusesOneByteMore() throws IOException {
        sendRaw("{\"type\":\"a\"}");
        assertThat(Link.typeOf(link.receive(12))).isEqualTo("a");
        sendRaw("{\"type\":\"ab\"}");
        assertThatThrownBy(() -> link.receive(12))
                .isInstanceOf(IOException.class).hasMessageContaining("13 bytes").hasMessageContaining("12");
    }

    @Test
    void refusesLengthsThatAreNoneBeforeItTakesMemory() throws IOException {
        raw.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> link.receive(Link.MAX_MESSAGE_BYTES)).isInstanceOf(IOException.class).hasMessageContaining("limit");
    }

    @Test
    void noticesACut() throws IOException {
        new DataOutputStream(raw.getOutputStream()).writeInt(50);
        raw.close();
        assertThatThrownBy(() -> link.receive(100)).isInstanceOf(EOFException.class);
    }

    @Test
    void tokensMatchOnlyThemselves() {
        var token = new Token("correct-horse");
        assertThat(token.matches("correct-horse")).isTrue();
        assertThat(token.matches("correct-hors")).isFalse();
        assertThat(token.matches("")).isFalse();
        assertThat(token).hasToString("Token[…]");
        assertThatThrownBy(() -> new Token("short"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("5 letters").hasMessageContaining("8");
    }

    private void sendRaw(String json) throws IOException {
        var out = new DataOutputStream(raw.getOutputStream());
        out.writeInt(json.length());
        out.writeBytes(json);
    }
}
