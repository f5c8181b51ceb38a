package io.inferencerouter.grpc;

import io.inferencerouter.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Speaks just enough HTTP/2 to do to a call what no well-behaved server does. Every stream that is
 * opened is treated in the same way, or answered in the same way when its request has come.
 */
final class RawHttp2Server implements Closeable {
  /** What happens to a stream whose headers have come. */
  enum Treatment {
    /** RST_STREAM, REFUSED_STREAM: it was not looked at. */
    REFUSE,
    /** RST_STREAM, INTERNAL_ERROR. */
    RESET,
    /** RST_STREAM, CANCEL, as of a server that is shut down at once. */
    CANCEL,
    /** GOAWAY that does not cover the stream, and the end of the connection. */
    GO_AWAY,
    /** The connection is closed. */
    HANG_UP,
    /** Nothing. */
    IGNORE
  }

  /** How a request is answered that has come to its end. */
  interface Answering {
    void answer(Exchange exchange) throws IOException;
  }

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int STATUS_200 = 0x88;
  private static final int STATUS_OF_ANOTHER_VALUE = 8;
  private static final int REFUSED_STREAM = 7;
  private static final int INTERNAL_ERROR = 2;
  private static final int CANCELLED = 8;
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int PREFACE_LENGTH = 24;

  final BlockingQueue<Integer> streams = new LinkedBlockingQueue<>();
  private final Treatment treatment;
  private final Answering answering;
  private final int maxStreams;
  private final ServerSocket socket;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();

  RawHttp2Server(Treatment treatment, int maxStreams) throws IOException {
    this(treatment, exchange -> {}, maxStreams);
  }

  /** One that reads each request, and then answers it. */
  RawHttp2Server(Answering answering) throws IOException {
    this(Treatment.IGNORE, answering, 100);
  }

  private RawHttp2Server(Treatment treatment, Answering answering, int maxStreams)
      throws IOException {
    this.treatment = treatment;
    this.answering = answering;
    this.maxStreams = maxStreams;
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("raw-accept", this::accept);
  }

  private static void start(String name, Body body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (IOException closed) {
                Thread.currentThread().interrupt(); // the test is over, or the client is gone
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private interface Body {
    void run() throws IOException;
  }

  Endpoint.Builder endpoint(String name) {
    return Endpoint.builder(name, "http://127.0.0.1:" + socket.getLocalPort());
  }

  private void accept() throws IOException {
    while (!socket.isClosed()) {
      Socket connection = socket.accept();
      connections.add(connection);
      start("raw-serve", () -> serve(connection));
    }
  }

  private void serve(Socket connection) throws IOException {
    DataInputStream in = new DataInputStream(connection.getInputStream());
    OutputStream out = connection.getOutputStream();
    in.readFully(new byte[PREFACE_LENGTH]);
    frame(out, SETTINGS, 0, 0, new byte[] {0, MAX_CONCURRENT_STREAMS, 0, 0, 0, (byte) maxStreams});
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      in.readFully(new byte[length]);
      if (type == SETTINGS && flags != ACK) {
        frame(out, SETTINGS, ACK, 0, new byte[0]);
      } else if (type == HEADERS) {
        streams.add(stream); // first, for its treatment may end the call
        treat(connection, out, stream);
      }
      if ((type == HEADERS || type == DATA) && (flags & END_STREAM) != 0) {
        answering.answer(new Exchange(connection, out, stream));
      }
    }
  }

  private void treat(Socket connection, OutputStream out, int stream) throws IOException {
    switch (treatment) {
      case REFUSE -> frame(out, RST_STREAM, 0, stream, number(REFUSED_STREAM));
      case RESET -> frame(out, RST_STREAM, 0, stream, number(INTERNAL_ERROR));
      case CANCEL -> frame(out, RST_STREAM, 0, stream, number(CANCELLED));
      case GO_AWAY -> {
        frame(out, GOAWAY, 0, 0, new byte[8]);
        connection.close();
      }
      case HANG_UP -> connection.close();
      case IGNORE -> {}
    }
  }

  /** What can be sent on a stream. */
  record Exchange(Socket connection, OutputStream out, int stream) {
    /** Headers of a response of gRPC. */
    void headers() throws IOException {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.write(STATUS_200);
      header(block, "content-type", "application/grpc");
      frame(out, HEADERS, END_HEADERS, stream, block.toByteArray());
    }

    /** A whole response that is not of gRPC, as of a proxy. */
    void status(int status) throws IOException {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.write(STATUS_OF_ANOTHER_VALUE);
      text(block, Integer.toString(status));
      header(block, "content-type", "text/html");
      frame(out, HEADERS, END_HEADERS | END_STREAM, stream, block.toByteArray());
    }

    /** Headers that go on and on. */
    void headersWithoutEnd(int frames) throws IOException {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.write(STATUS_200);
      frame(out, HEADERS, 0, stream, block.toByteArray());
      for (int i = 0; i < frames; i++) {
        block.reset();
        header(block, "x-" + i, "x".repeat(100));
        frame(out, CONTINUATION, 0, stream, block.toByteArray());
      }
    }

    /** The prefix of a message that says how long it is, and bytes. */
    void message(int declared, byte[] bytes) throws IOException {
      byte[] message = new byte[5 + bytes.length];
      message[4] = (byte) declared;
      System.arraycopy(bytes, 0, message, 5, bytes.length);
      data(message);
    }

    void data(byte[] bytes) throws IOException {
      frame(out, DATA, 0, stream, bytes);
    }

    /** The status with which it ends. */
    void trailers(int grpcStatus) throws IOException {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      header(block, "grpc-status", Integer.toString(grpcStatus));
      frame(out, HEADERS, END_HEADERS | END_STREAM, stream, block.toByteArray());
    }

    /** It ends without any status. */
    void end() throws IOException {
      frame(out, DATA, END_STREAM, stream, new byte[0]);
    }

    /** What is no HTTP/2 at all. */
    void bytes(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }

    /** The connection is reset. */
    void reset() throws IOException {
      connection.setSoLinger(true, 0);
      connection.close();
    }

    /** This side of the connection is closed, the other one not. */
    void halfClose() throws IOException {
      connection.shutdownOutput();
    }

    /** A header that no table knows, not compressed (RFC 7541, section 6.2.2). */
    private static void header(ByteArrayOutputStream block, String name, String value) {
      block.write(0);
      text(block, name);
      text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) {
      block.write(text.length());
      block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static byte[] number(int value) {
    return new byte[] {0, 0, 0, (byte) value};
  }

  private static synchronized void frame(
      OutputStream out, int type, int flags, int stream, byte[] payload) throws IOException {
    byte[] frame = new byte[9 + payload.length];
    frame[1] = (byte) (payload.length >>> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    frame[5] = (byte) (stream >>> 24);
    frame[6] = (byte) (stream >>> 16);
    frame[7] = (byte) (stream >>> 8);
    frame[8] = (byte) stream;
    System.arraycopy(payload, 0, frame, 9, payload.length);
    out.write(frame);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
