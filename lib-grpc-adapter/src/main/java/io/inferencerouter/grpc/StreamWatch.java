package io.inferencerouter.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sees what the transport does with an attempt: whether anything of it was sent, and whether it
 * waits for a stream of the connection. The transport may make several streams for one attempt, one
 * after another.
 */
final class StreamWatch extends ClientStreamTracer.Factory {
  private final EndpointChannel channel;
  private volatile boolean sent;
  private volatile @Nullable Runnable whenAnswered;

  private final Runnable moreStreams;

  /**
   * Watches an attempt.
   *
   * @param moreStreams runs when the connection turns out to have more streams than was thought
   */
  StreamWatch(EndpointChannel channel, Runnable moreStreams) {
    this.channel = channel;
    this.moreStreams = moreStreams;
  }

  /** Runs something when the server has ended its answer, which the caller may not have read. */
  void whenAnswered(Runnable action) {
    whenAnswered = action;
  }

  /** Whether headers were sent, so that the server may have begun to work. */
  boolean isSent() {
    return sent;
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new Stream();
  }

  /** One stream; leaves the queue of its connection once. */
  private final class Stream extends ClientStreamTracer {
    private final AtomicBoolean queued = new AtomicBoolean();

    @Override
    public void streamCreated(Attributes transport, Metadata headers) {
      queued.set(true);
      channel.streamCreated(transport);
    }

    @Override
    public void outboundHeaders() {
      sent = true;
      leaveQueue();
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
      Runnable action = whenAnswered;
      if (action != null) {
        action.run();
      }
    }

    @Override
    public void streamClosed(Status status) {
      leaveQueue();
    }

    private void leaveQueue() {
      if (queued.compareAndSet(true, false) && channel.streamLeftQueue()) {
        moreStreams.run();
      }
    }
  }
}
