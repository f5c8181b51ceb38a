package io.inferencerouter.okhttp.fault;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A connection of a client to a {@link FaultProxy}, in the hands of its fault. */
public final class Link {
  private static final int LONGEST_LINE = 64 * 1024;

  private final FaultProxy proxy;
  private final Socket accepted;
  private volatile Socket client;
  private volatile Socket server;
  private InputStream in;

  Link(FaultProxy proxy, Socket accepted) {
    this.proxy = proxy;
    this.accepted = accepted;
    this.client = accepted;
  }

  /** Speaks TLS from here on, as the server. */
  public void handshake(SSLContext tls) throws IOException {
    SSLSocket secured =
        (SSLSocket) tls.getSocketFactory().createSocket(accepted, "client", proxy.port(), true);
    secured.setUseClientMode(false);
    secured.startHandshake();
    client = secured;
  }

  /** What the client sends. */
  public InputStream in() throws IOException {
    if (in == null) {
      in = new BufferedInputStream(client.getInputStream());
    }
    return in;
  }

  /**
   * Reads a whole HTTP/1.1 request.
   *
   * @return its head
   */
  public String awaitRequest() throws IOException {
    String head = awaitHead();
    String lower = head.toLowerCase(Locale.ROOT);
    if (lower.contains("transfer-encoding: chunked")) {
      skipChunks();
    } else {
      int at = lower.indexOf("content-length:");
      if (at >= 0) {
        int end = lower.indexOf('\n', at);
        in().skipNBytes(Long.parseLong(lower.substring(at + 15, end).trim()));
      }
    }
    proxy.countRequest();
    return head;
  }

  /** Reads the head of an HTTP/1.1 request, and nothing of its body. */
  public String awaitHead() throws IOException {
    StringBuilder head = new StringBuilder();
    String line = line();
    while (!line.isEmpty()) {
      head.append(line).append('\n');
      line = line();
    }
    return head.toString();
  }

  private void skipChunks() throws IOException {
    int size;
    do {
      size = Integer.parseInt(line(), 16);
      in().skipNBytes(size);
      line();
    } while (size > 0);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (line.size() < LONGEST_LINE) {
      int next = in().read();
      if (next == -1) {
        throw new EOFException("the client has closed");
      }
      if (next == '\n') {
        return line.toString(StandardCharsets.ISO_8859_1).trim();
      }
      line.write(next);
    }
    throw new IOException("line: longer than " + LONGEST_LINE);
  }

  /** Sends text as it is, at once. */
  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes, at once. */
  public void send(byte[] bytes) throws IOException {
    OutputStream out = client.getOutputStream();
    out.write(bytes);
    out.flush();
  }

  /** Passes everything on in both directions, until both sides have closed. */
  public void pass() throws IOException {
    pass(Long.MAX_VALUE);
    client.shutdownOutput();
    hold();
  }

  /** Passes the requests on, and of the answers no more than so many bytes. */
  public void pass(long most) throws IOException {
    Socket upstream = new Socket(InetAddress.getLoopbackAddress(), proxy.upstream());
    upstream.setTcpNoDelay(true);
    server = upstream;
    Thread unused = proxy.start("requests", () -> passRequests(upstream));
    InputStream answers = upstream.getInputStream();
    byte[] buffer = new byte[8192];
    long left = most;
    while (left > 0) {
      int count = answers.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count == -1) {
        return;
      }
      client.getOutputStream().write(buffer, 0, count);
      left -= count;
    }
  }

  private void passRequests(Socket upstream) {
    try {
      in().transferTo(upstream.getOutputStream());
      upstream.shutdownOutput();
    } catch (IOException goneAway) {
      close();
    }
  }

  /** Says nothing more, and reads until the client closes. */
  public void hold() throws IOException {
    in().transferTo(OutputStream.nullOutputStream());
  }

  /** Says nothing more, while the client may still send. */
  public void halfClose() throws IOException {
    client.shutdownOutput();
  }

  /** Resets the connection: what is under way is lost, and the client is told so. */
  public void reset() throws IOException {
    accepted.setSoLinger(true, 0);
    accepted.close();
  }

  /** Closes the connection, and that to the server. */
  void close() {
    try {
      accepted.close();
      Socket upstream = server;
      if (upstream != null) {
        upstream.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
