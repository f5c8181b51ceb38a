package io.inferencerouter.benchmarks.soak;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server of an OpenAI-compatible interface that answers in a {@link Mood}. A thread for each
 * connection.
 */
final class FaultyServer extends FaultyEndpoint {
  private static final int BACKLOG = 512;
  private static final int EVENTS = 8;
  private static final int HANG_MILLIS = 3_000;

  private final ExecutorService threads;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private @Nullable ServerSocket listener;

  /** Starts a server on a free port. */
  FaultyServer(String id, ExecutorService threads) throws IOException {
    super(id);
    this.threads = threads;
    restart();
  }

  @Override
  int listen(int at) throws IOException {
    ServerSocket opened = new ServerSocket(at, BACKLOG, InetAddress.getLoopbackAddress());
    listener = opened;
    threads.execute(() -> accept(opened));
    return opened.getLocalPort();
  }

  @Override
  void breakOff() throws IOException {
    ServerSocket open = listener;
    if (open != null) {
      open.close();
    }
    for (Socket connection : connections) {
      reset(connection);
    }
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      Socket connection;
      try {
        connection = from.accept();
        connection.setTcpNoDelay(true);
      } catch (IOException closed) {
        continue; // and so it ends
      }
      connections.add(connection);
      if (from.isClosed()) {
        reset(connection);
      }
      threads.execute(() -> serve(connection));
    }
  }

  private static void reset(Socket connection) {
    try (connection) {
      connection.setSoLinger(true, 0);
    } catch (IOException alreadyClosed) {
      return;
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = new BufferedOutputStream(connection.getOutputStream());
      boolean open = true;
      for (String head = head(in); open && !head.isEmpty(); head = open ? head(in) : "") {
        byte[] body = in.readNBytes(length(head));
        open = answer(new String(body, StandardCharsets.UTF_8), out, connection);
      }
    } catch (IOException gone) {
      return; // the client has gone, or this server was stopped
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
    }
  }

  /** The lines up to the empty one; nothing at the end of the connection. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static int length(String head) {
    String name = "content-length:";
    String lower = head.toLowerCase(Locale.ROOT);
    int start = lower.indexOf(name) + name.length();
    return Integer.parseInt(lower.substring(start, lower.indexOf('\r', start)).trim());
  }

  /** Answers; whether the connection goes on. */
  private boolean answer(String request, OutputStream out, Socket connection)
      throws IOException, InterruptedException {
    Mood now = mood();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    switch (now) {
      case WELL -> {}
      case SLOW -> TimeUnit.MILLISECONDS.sleep(random.nextInt(20, 200));
      case FAILING -> {
        return whole(out, "503 Service Unavailable", "", "{\"error\":{\"message\":\"ill\"}}");
      }
      case LIMITING -> {
        String retryAfter = random.nextBoolean() ? "Retry-After: 1\r\n" : "";
        return whole(out, "429 Too Many Requests", retryAfter, "{}");
      }
      case RESETTING -> {
        reset(connection);
        return false;
      }
      case CUTTING -> {
        write(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
        write(out, "Content-Length: 1000\r\n\r\n{\"data\":");
        out.flush();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
        reset(connection);
        return false;
      }
      case SILENT -> {
        TimeUnit.MILLISECONDS.sleep(HANG_MILLIS);
        reset(connection);
        return false;
      }
    }
    return request.contains("\"stream\":true")
        ? stream(out)
        : whole(
            out,
            "200 OK",
            "",
            "{\"data\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":4}}");
  }

  private static boolean whole(OutputStream out, String status, String headers, String json)
      throws IOException {
    write(out, "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + headers);
    write(out, "Content-Length: " + json.length() + "\r\n\r\n" + json);
    out.flush();
    return true;
  }

  private boolean stream(OutputStream out) throws IOException, InterruptedException {
    write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
    write(out, "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < EVENTS; i++) {
      chunk(out, "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n");
      TimeUnit.MILLISECONDS.sleep(mood() == Mood.SLOW ? 10 : 1);
      if (mood() == Mood.CUTTING) {
        return false;
      }
    }
    chunk(out, "data: [DONE]\n\n");
    chunk(out, "");
    return true;
  }

  private static void chunk(OutputStream out, String text) throws IOException {
    write(out, Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    out.flush();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
