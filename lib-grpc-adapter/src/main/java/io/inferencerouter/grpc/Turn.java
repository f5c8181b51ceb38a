package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor;
import io.inferencerouter.Lease;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is in a call with a stream: the endpoint's, or the caller's, who then {@linkplain
 * Lease#backpressure holds the answer back}. It is the caller's as long as there is nothing to
 * answer, no message is requested, or a callback has not returned; and in a dialogue, where only
 * the two of them know who speaks next, from an answer until the caller goes on, or ends his part.
 * What the caller says is a sign of life.
 *
 * <p>Safe for use by many threads. The lease is told by one at a time: whoever finds somebody at it
 * leaves it to that one to look again.
 */
final class Turn {
  private static final Turn UNWATCHED = new Turn(false, true);

  private final boolean watched;
  private final AtomicLong wanted = new AtomicLong();
  private final AtomicInteger changes = new AtomicInteger();
  private volatile boolean saidAll;

  /** Whether there is something to answer, as long as the caller has not said all. */
  private volatile boolean owed;

  private volatile boolean inside;
  private volatile boolean spoke;
  private volatile @Nullable Lease lease;

  private Turn(boolean watched, boolean saysAllAtOnce) {
    this.watched = watched;
    saidAll = saysAllAtOnce;
  }

  /** The turns of a call of this method; of one without streams nobody wants to know. */
  static Turn of(MethodDescriptor.MethodType type) {
    return type == MethodDescriptor.MethodType.UNARY
        ? UNWATCHED
        : new Turn(true, type.clientSendsOneMessage());
  }

  /** From now on this lease is told. */
  void tell(Lease next) {
    if (watched) {
      lease = next;
      changed();
    }
  }

  /** The caller wants so many more messages. */
  void request(int messages) {
    if (watched) {
      wanted.addAndGet(messages);
      changed();
    }
  }

  /** The caller sends a message. */
  void say() {
    if (watched && !saidAll) {
      spoke = true;
      owed = true;
      changed();
    }
  }

  /** The caller sends no more messages. */
  void sayAll() {
    if (watched && !saidAll) {
      saidAll = true;
      changed();
    }
  }

  /** A message is about to be delivered. */
  void answered() {
    if (watched) {
      wanted.decrementAndGet();
      owed = false;
      enter();
    }
  }

  /** The caller is about to be called. */
  void enter() {
    if (watched) {
      inside = true;
      changed();
    }
  }

  /** The caller has returned. */
  void leave() {
    if (watched) {
      inside = false;
      changed();
    }
  }

  private void changed() {
    if (changes.getAndIncrement() != 0) {
      return;
    }
    int seen = 1;
    do {
      Lease told = lease;
      if (told != null) {
        if (spoke) {
          spoke = false;
          told.progress(0);
        }
        told.backpressure(inside || !(owed || saidAll) || wanted.get() <= 0);
      }
      seen = changes.addAndGet(-seen);
    } while (seen != 0);
  }
}
