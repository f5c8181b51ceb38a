package io.inferencerouter.grpc;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.core.testing.Waiting;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Records what the listener of a call hears, and whether it hears two things at a time. */
class RecordedListener<T> extends ClientCall.Listener<T> {
  /** How a call ended. */
  record End(Status status, Metadata trailers) {}

  final List<String> events = new CopyOnWriteArrayList<>();
  final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
  final BlockingQueue<Metadata> headers = new LinkedBlockingQueue<>();
  final AtomicInteger ready = new AtomicInteger();
  private final CompletableFuture<End> end = new CompletableFuture<>();
  private final AtomicInteger inside = new AtomicInteger();

  private void enter(String event) {
    if (inside.getAndIncrement() != 0) {
      events.add("TWO AT A TIME");
    }
    events.add(event);
  }

  private void leave() {
    inside.decrementAndGet();
  }

  @Override
  public void onReady() {
    enter("ready");
    ready.incrementAndGet();
    leave();
  }

  @Override
  public void onHeaders(Metadata received) {
    enter("headers");
    headers.add(received);
    leave();
  }

  @Override
  public void onMessage(T message) {
    enter("message");
    messages.add(message);
    leave();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    enter("close");
    if (!end.complete(new End(status, trailers))) {
      events.add("CLOSED TWICE");
    }
    leave();
  }

  boolean isClosed() {
    return end.isDone();
  }

  End end() throws Exception {
    return end.get(Waiting.LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  Status status() throws Exception {
    return end().status();
  }

  T message() throws InterruptedException {
    return Waiting.take(messages, "a message");
  }

  /** Headers, messages and end in order, without what only says that more may be sent. */
  List<String> transcript() {
    return events.stream().filter(event -> !event.equals("ready")).toList();
  }
}
