package dev.hark.load.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.regex.Pattern;

/** A process that passes bytes to a hub and back: when it is killed, that is a node that is lost, as its clients see it. */
final class Relay {
    private static final int BACKLOG = 1024;

    private Relay() {}

    /** Starts one to a port of this machine; its address is {@code http://127.0.0.1:port}. */
    static Program to(String url) throws IOException {
        var command = List.of(
                ProcessHandle.current().info().command().orElse("java"), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), Relay.class.getName(), url.substring(url.lastIndexOf(':') + 1));
        return Program.start(new ProcessBuilder(command), Pattern.compile("relay at (http://\\S+)"));
    }

    /** The program of the process. */
    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        try (var server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())) {
            System.out.println("relay at http://127.0.0.1:" + server.getLocalPort());
            while (true) {
                Socket client = server.accept();
                Socket hub = new Socket(InetAddress.getLoopbackAddress(), port);
                client.setTcpNoDelay(true);
                hub.setTcpNoDelay(true);
                Thread.startVirtualThread(() -> pass(client, hub));
                Thread.startVirtualThread(() -> pass(hub, client));
            }
        }
    }

    private static void pass(Socket from, Socket to) {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // One side is gone, and so is the other.
        }
    }
}
