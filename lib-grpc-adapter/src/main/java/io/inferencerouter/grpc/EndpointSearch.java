package io.inferencerouter.grpc;

import io.inferencerouter.Attempts;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The search of a call for an endpoint that takes it: first for a lease, then for a place in the
 * channel of the endpoint. It waits where the router has no slot; where the connection has no
 * stream; and, if the call waits for ready, where the router has no endpoints.
 *
 * <p>Used by steps only, but for {@link #streamFreed} and {@link #endpointsFound}.
 */
final class EndpointSearch implements ParkedCalls.Waiter {
  /** Who searches; told by steps. */
  interface Seeker {
    /** There is a lease, and the channel of its endpoint has been entered. */
    void found(Lease lease, EndpointChannel at);

    /** There is a lease, and the channel of its endpoint could not be made. */
    void cannotEnter(Lease lease, Throwable failure);

    /** There is no endpoint for the call. */
    void notFound(Refusal reason);

    /** The answer will come later. */
    void waits();
  }

  private enum State {
    IDLE,
    AWAITS_LEASE,
    AWAITS_ENDPOINT,
    AWAITS_STREAM
  }

  /** A lease, and the channel of its endpoint, which has been entered. */
  record Place(Lease lease, EndpointChannel channel) {}

  private final RoutingChannel channel;
  private final Seeker seeker;
  private final Steps steps;
  private final boolean waitsForEndpoints;
  private State state = State.IDLE;
  private @Nullable Attempts attempts;
  private @Nullable CompletableFuture<Lease> asked;
  private @Nullable Lease leaseWithoutStream;

  /** Endpoints to which no channel could be made; other than in passing they are not gone to. */
  private Set<String> unusable = Set.of();

  EndpointSearch(RoutingChannel channel, Seeker seeker, Steps steps, boolean waitsForEndpoints) {
    this.channel = channel;
    this.seeker = seeker;
    this.steps = steps;
    this.waitsForEndpoints = waitsForEndpoints;
  }

  /** Searches for the next attempt of a row. */
  void begin(Attempts row) {
    attempts = row;
    ask(row);
  }

  private void ask(Attempts row) {
    state = State.AWAITS_LEASE;
    CompletableFuture<Lease> asking = row.next();
    if (asking.isDone()) {
      Lease lease = null;
      Throwable refused = null;
      try {
        lease = asking.join();
      } catch (CompletionException e) {
        refused = e.getCause();
      } catch (CancellationException e) {
        refused = e;
      }
      answered(lease, refused);
    } else {
      asked = asking;
      seeker.waits();
      var unused =
          asking.whenComplete((lease, refused) -> steps.run(() -> answered(lease, refused)));
    }
  }

  private void answered(@Nullable Lease lease, @Nullable Throwable refused) {
    asked = null;
    if (state != State.AWAITS_LEASE) {
      if (lease != null) {
        lease.close();
      }
    } else if (lease != null) {
      enter(lease);
    } else {
      refused(Objects.requireNonNull(refused, "refused"));
    }
  }

  private void refused(Throwable reason) {
    channel.refused(reason);
    if (waitsForEndpoints && reason instanceof NoEndpointException none && mayPass(none)) {
      state = State.AWAITS_ENDPOINT;
      seeker.waits();
      channel.shortage().awaitEndpoint(this);
    } else {
      state = State.IDLE;
      seeker.notFound(Refusal.by(reason));
    }
  }

  /** Whether it is because there are no endpoints, rather than because of what is asked for. */
  private static boolean mayPass(NoEndpointException none) {
    return none.reason() == NoEndpointException.Reason.NO_ENDPOINTS
        || none.reason() == NoEndpointException.Reason.UNAVAILABLE;
  }

  /** The router may have endpoints now. */
  void endpointsFound() {
    steps.run(
        () -> {
          if (state == State.AWAITS_ENDPOINT) {
            channel.shortage().remove(this);
            ask(Objects.requireNonNull(attempts, "attempts"));
          }
        });
  }

  /** Enters with a lease, or goes elsewhere, or waits for a stream, if it does not do so yet. */
  private void enter(Lease lease) {
    EndpointChannel target;
    try {
      target = channel.entrance().enter(lease.endpoint());
    } catch (RuntimeException | LinkageError e) {
      searchIsOver();
      seeker.cannotEnter(lease, e);
      return;
    }
    if (target != null) {
      searchIsOver();
      seeker.found(lease, target);
      return;
    }
    if (channel.entrance().isClosed()) {
      searchIsOver();
      lease.close();
      seeker.notFound(channel.waiting().refusal());
      return;
    }
    Place place = elsewhere(() -> true);
    if (place != null) {
      searchIsOver();
      lease.close();
      seeker.found(place.lease(), place.channel());
    } else if (state != State.AWAITS_STREAM) {
      state = State.AWAITS_STREAM;
      leaseWithoutStream = lease;
      seeker.waits();
      channel.shortage().park(this, lease.endpoint());
    }
  }

  private void searchIsOver() {
    state = State.IDLE;
    Lease lease = leaseWithoutStream;
    if (lease != null) {
      leaseWithoutStream = null;
      channel.shortage().unpark(this, lease.endpoint());
    }
  }

  @Override
  public void streamFreed(Endpoint at) {
    steps.run(
        () -> {
          Lease lease = leaseWithoutStream;
          if (state == State.AWAITS_STREAM && lease != null) {
            enter(lease);
          } else {
            channel.shortage().streamFreed(at);
          }
        });
  }

  /**
   * Finds a place at another endpoint for an attempt that has a lease where it gets no stream;
   * without waiting. The lease that it has is for the caller to close.
   *
   * @param leaves asked when there is a place, whether the attempt can leave where it is
   * @return null if there is none, or if it cannot, so that it stays
   */
  @Nullable Place elsewhere(BooleanSupplier leaves) {
    Set<String> avoided = channel.entrance().full();
    avoided.addAll(unusable);
    Place[] found = new Place[1];
    boolean unused =
        Objects.requireNonNull(attempts, "attempts")
            .move(
                avoided,
                lease -> {
                  EndpointChannel target = enterIfPossible(lease);
                  if (target == null) {
                    return false;
                  }
                  if (!leaves.getAsBoolean()) {
                    target.leave();
                    channel.shortage().streamFreed(target.endpoint());
                    return false;
                  }
                  found[0] = new Place(lease, target);
                  return true;
                });
    return found[0];
  }

  private @Nullable EndpointChannel enterIfPossible(Lease lease) {
    try {
      return channel.entrance().enter(lease.endpoint());
    } catch (RuntimeException | LinkageError e) {
      lease.complete(Outcome.serverFault());
      Set<String> more = new HashSet<>(unusable);
      more.add(lease.endpoint().id());
      unusable = more;
      return null;
    }
  }

  /** What the call waits for, in words. */
  String awaited() {
    return switch (state) {
      case AWAITS_LEASE ->
          attempts != null && attempts.made() > 0 ? "the time to try again, or a slot" : "a slot";
      case AWAITS_ENDPOINT -> "an endpoint";
      case AWAITS_STREAM -> "a stream";
      case IDLE -> "nothing";
    };
  }

  /** Ends the search, if it is not over. */
  void end() {
    if (state == State.AWAITS_ENDPOINT) {
      channel.shortage().remove(this);
    }
    CompletableFuture<Lease> asking = asked;
    Lease lease = leaseWithoutStream;
    searchIsOver();
    if (asking != null) {
      asking.cancel(false);
    }
    if (lease != null) {
      lease.close();
    }
  }
}
