package io.inferencerouter.grpc;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait, other than for a message that is about to come, and what becomes of them
 * when their channel is shut down: they go on waiting, or end at once. The channel is quiet when
 * none is left. Safe for use by many threads.
 */
final class WaitingCalls {
  private final Set<CallRoute<?, ?>> calls = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();
  private final Runnable whenQuiet;
  private volatile boolean shutdown;
  private volatile boolean shutdownNow;

  /**
   * Creates it without calls.
   *
   * @param whenQuiet runs when there is no call after a shut-down, perhaps several times
   */
  WaitingCalls(Runnable whenQuiet) {
    this.whenQuiet = whenQuiet;
  }

  /** A call waits from now on. */
  void add(CallRoute<?, ?> call) {
    calls.add(call);
    if (shutdownNow) {
      call.shutDownNow();
    }
  }

  /** A call does not wait any more. */
  void remove(CallRoute<?, ?> call) {
    if (calls.remove(call)) {
      lookIfQuiet();
    }
  }

  /** Lets them wait. */
  void shutDown() {
    shutdown = true;
    lookIfQuiet();
  }

  /** Ends them all. */
  void shutDownNow() {
    shutdownNow = true;
    shutdown = true;
    calls.forEach(CallRoute::shutDownNow);
    lookIfQuiet();
  }

  private void lookIfQuiet() {
    if (shutdown && calls.isEmpty()) {
      whenQuiet.run();
      quiet.complete(null);
    }
  }

  boolean isShutdown() {
    return shutdown;
  }

  boolean isShutdownNow() {
    return shutdownNow;
  }

  /** How calls end that find the channel shut down. */
  Refusal refusal() {
    return shutdownNow ? Refusal.SHUT_DOWN_NOW : Refusal.SHUT_DOWN;
  }

  boolean isQuiet() {
    return quiet.isDone();
  }

  /** Waits until the channel is quiet; returns whether it is. */
  boolean awaitQuiet(long nanos) throws InterruptedException {
    try {
      quiet.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("quiet: failed (expected: never to)", e);
    }
  }
}
