package io.inferencerouter.core.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * An address that answers no attempt to connect: a listener that accepts nothing and whose backlog
 * is full, so that the kernel drops what comes.
 */
public final class FullBacklog implements AutoCloseable {
  private static final int MORE_THAN_ENOUGH = 16;

  private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final List<SocketChannel> waiting = new ArrayList<>();

  /** Fills the backlog. */
  public FullBacklog() throws IOException {
    for (int i = 0; i < MORE_THAN_ENOUGH; i++) {
      SocketChannel channel = SocketChannel.open();
      waiting.add(channel);
      channel.configureBlocking(false);
      boolean unused =
          channel.connect(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()));
    }
  }

  /** Whether the last one that came is not let in. */
  public boolean isFull() throws IOException {
    return !waiting.get(MORE_THAN_ENOUGH - 1).finishConnect();
  }

  /** Its address for requests without TLS. */
  public String uri() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : waiting) {
      channel.close();
    }
    listener.close();
  }
}
