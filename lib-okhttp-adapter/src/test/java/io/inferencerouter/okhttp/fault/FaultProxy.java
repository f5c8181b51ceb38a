package io.inferencerouter.okhttp.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands on loopback in front of a server and lets a fault befall each connection. Without one,
 * everything passes.
 *
 * <p>It has a daemon thread to accept and one or two for each connection; all have ended when it is
 * closed.
 */
public final class FaultProxy {
  private static final long JOIN_SECONDS = 30;

  private final ServerSocket listener;
  private final int upstream;
  private final Set<Link> open = ConcurrentHashMap.newKeySet();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> defects = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Fault fault = Link::pass;

  /**
   * Listens on a port of its own.
   *
   * @param upstream the port of the server, on loopback
   */
  public FaultProxy(int upstream) throws IOException {
    this.upstream = upstream;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("accepts", this::accept);
  }

  /** From now on this befalls each new connection. */
  public void inject(Fault next) {
    fault = next;
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Its address for requests without TLS. */
  public String uri() {
    return "http://127.0.0.1:" + port();
  }

  /** How many connections were made to it. */
  public int connections() {
    return connections.get();
  }

  /** How many whole requests its faults have read. */
  public int requests() {
    return requests.get();
  }

  /** Whether no connection is open. */
  public boolean isIdle() {
    return open.isEmpty();
  }

  int upstream() {
    return upstream;
  }

  void countRequest() {
    requests.incrementAndGet();
  }

  Thread start(String does, Runnable task) {
    Thread thread = new Thread(task, "fault-proxy-" + port() + "-" + does);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
    return thread;
  }

  private void accept() {
    while (!listener.isClosed()) {
      Socket socket;
      try {
        socket = listener.accept();
        socket.setTcpNoDelay(true);
      } catch (IOException closed) {
        return;
      }
      int number = connections.incrementAndGet();
      Link link = new Link(this, socket);
      open.add(link);
      start("link-" + number, () -> befall(link));
    }
  }

  private void befall(Link link) {
    try {
      fault.befall(link);
    } catch (IOException | UncheckedIOException goneAway) {
      link.close();
    } catch (Exception | AssertionError defect) {
      defects.add(defect);
    } finally {
      link.close();
      open.remove(link);
    }
  }

  /**
   * Closes the listener and all connections, and waits for the threads to end.
   *
   * @throws AssertionError if one does not, or if a fault was not able to do what it should
   */
  public void close() throws IOException, InterruptedException {
    listener.close();
    open.forEach(Link::close);
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(JOIN_SECONDS));
      if (thread.isAlive()) {
        throw new AssertionError("thread: " + thread.getName() + " goes on (expected: has ended)");
      }
    }
    if (!defects.isEmpty()) {
      throw new AssertionError("a fault failed itself", defects.peek());
    }
  }
}
