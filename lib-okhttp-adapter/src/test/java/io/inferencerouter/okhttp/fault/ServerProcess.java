package io.inferencerouter.okhttp.fault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * A server in a process of its own; see {@link io.inferencerouter.core.testing.ChildServer}. Its
 * argument is the port, 0 for any; it writes the port it has to its standard output, and ends with
 * its standard input.
 */
public final class ServerProcess {
  /** What it answers to every request. */
  public static final String ANSWER = "\"child\"";

  private ServerProcess() {}

  /** Serves until the input ends. */
  public static void main(String[] arguments) throws IOException {
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])),
            50);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", ServerProcess::answer);
    server.start();
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      out.write((server.getAddress().getPort() + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    System.in.transferTo(OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      byte[] answer = ANSWER.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }
}
