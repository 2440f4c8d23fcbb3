package dev.hark.app.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.socket.PlainSocket;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fails with a Helidon whose sockets have another field: then streams take 8 KiB more. */
@Timeout(30)
class ReadBufferTest {
    @Test
    void isSmallOnceAConnectionIsAStreamAndStillRead() throws Exception {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            PlainSocket socket = PlainSocket.server(accepted, "a", "b");
            String sent = "x".repeat(1_000);
            client.getOutputStream().write(sent.getBytes(US_ASCII));
            assertThat(ReadBuffer.length(socket)).isEqualTo(8 << 10);
            assertThat(socket.get()).as("a first read").isNotEmpty();

            ReadBuffer.shrink(socket);
            assertThat(ReadBuffer.length(socket)).isBetween(1, 256);
            client.getOutputStream().write(sent.getBytes(US_ASCII));
            client.shutdownOutput();
            var rest = new ByteArrayOutputStream();
            for (byte[] bytes = socket.get(); bytes != null; bytes = socket.get()) {
                rest.writeBytes(bytes);
            }
            assertThat(rest.toString(US_ASCII)).as("all that came later").endsWith(sent);
        }
    }
}
