package io.inferencerouter.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Sees what the transport does with an attempt: whether anything of it was sent, and whether it
 * waits for a stream of the connection. The transport may make several streams for one attempt, one
 * after another.
 */
final class StreamWatch extends ClientStreamTracer.Factory {
  private static final VarHandle QUEUED;

  static {
    try {
      QUEUED = MethodHandles.lookup().findVarHandle(Stream.class, "queued", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EndpointChannel channel;
  private final Shortage shortage;
  private volatile boolean sent;
  private volatile boolean answered;
  private volatile @Nullable Runnable whenAnswered;
  private volatile @Nullable Attempt<?, ?> attempt;

  /**
   * Watches an attempt.
   *
   * @param shortage hears of streams that may have to wait, and of those that are found
   */
  StreamWatch(EndpointChannel channel, Shortage shortage) {
    this.channel = channel;
    this.shortage = shortage;
  }

  /** Runs something when the server has ended its answer, which the caller may not have read. */
  void whenAnswered(Runnable action) {
    whenAnswered = action;
  }

  /**
   * Tells an attempt when its headers are out, and when it waits for a stream and there is none.
   */
  void watch(Attempt<?, ?> waiting) {
    attempt = waiting;
  }

  /** Whether headers were sent, so that the server may have begun to work. */
  boolean isSent() {
    return sent;
  }

  /** Whether the server has ended its answer: then the status of the call is the server's. */
  boolean isAnswered() {
    return answered;
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new Stream();
  }

  /** One stream: into the queue of its connection, out of it, and to its end. */
  private final class Stream extends ClientStreamTracer implements StreamLimit.Waiter {
    /** Whether it is in the queue. */
    private volatile boolean queued;

    private volatile boolean open;
    private volatile int sinceLook;

    @Override
    public void streamCreated(Attributes transport, Metadata headers) {
      sinceLook = channel.limit().looks();
      queued = true;
      channel.limit().created(transport, this);
      lookAfterThoseThatWait();
    }

    @Override
    public int sinceLook() {
      return sinceLook;
    }

    @Override
    public void stuck() {
      Attempt<?, ?> waiting = attempt;
      if (waiting != null && !sent) {
        waiting.stuck();
      }
    }

    private void lookAfterThoseThatWait() {
      if (channel.limit().mayHaveToWait()) {
        shortage.streamMayWait();
      }
    }

    @Override
    public void outboundHeaders() {
      sent = true;
      if (queued && QUEUED.compareAndSet(this, true, false)) {
        open = true;
        if (channel.limit().headersOut(this)) {
          shortage.moreStreams(channel.endpoint());
        }
        lookAfterThoseThatWait();
      }
      Attempt<?, ?> mine = attempt;
      if (mine != null) {
        mine.headersOut();
      }
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
      answered = true;
      Runnable action = whenAnswered;
      if (action != null) {
        action.run();
      }
    }

    /** Comes once, and like all that concerns an open stream from the transport. */
    @Override
    public void streamClosed(Status status) {
      if (queued && QUEUED.compareAndSet(this, true, false)) {
        channel.limit().leftQueue(this);
      } else if (open) {
        channel.limit().ended();
      }
    }
  }
}
