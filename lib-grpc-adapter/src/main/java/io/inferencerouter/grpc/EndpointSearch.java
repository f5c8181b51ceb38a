package io.inferencerouter.grpc;

import io.grpc.Deadline;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.NoEndpointException;
import io.inferencerouter.Outcome;
import io.inferencerouter.grpc.internal.concurrent.Steps;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The search of a call for an endpoint that takes it: first for a lease, then for a place in the
 * channel of the endpoint. It waits where the router has no slot; where the connection has no
 * stream; and, if the call waits for ready, where the router has no endpoints.
 *
 * <p>Used by steps only, but for {@link #streamFreed} and {@link #endpointsFound}.
 */
final class EndpointSearch {
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
  private final Tried tried;
  private final boolean waitsForEndpoints;
  private State state = State.IDLE;
  private @Nullable InferenceRequest request;
  private @Nullable Deadline deadline;
  private @Nullable CompletableFuture<Lease> asked;
  private @Nullable Lease leaseWithoutStream;

  EndpointSearch(
      RoutingChannel channel, Seeker seeker, Steps steps, Tried tried, boolean waitsForEndpoints) {
    this.channel = channel;
    this.seeker = seeker;
    this.steps = steps;
    this.tried = tried;
    this.waitsForEndpoints = waitsForEndpoints;
  }

  void begin(InferenceRequest wanted, @Nullable Deadline until) {
    request = wanted;
    deadline = until;
    ask(wanted, until);
  }

  private void ask(InferenceRequest wanted, @Nullable Deadline until) {
    state = State.AWAITS_LEASE;
    CompletableFuture<Lease> asking =
        channel.router().acquireAsync(until == null ? wanted : CallLimits.within(wanted, until));
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
      enter(lease, false);
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
          InferenceRequest wanted = request;
          if (state == State.AWAITS_ENDPOINT && wanted != null) {
            channel.shortage().remove(this);
            ask(wanted, deadline);
          }
        });
  }

  private void enter(Lease granted, boolean again) {
    Lease lease = channel.elsewhere().preferred(granted, tried);
    EndpointChannel target;
    try {
      target = channel.enter(lease.endpoint());
    } catch (RuntimeException | LinkageError e) {
      state = State.IDLE;
      seeker.cannotEnter(lease, e);
      return;
    }
    if (target != null) {
      state = State.IDLE;
      seeker.found(lease, target);
    } else if (channel.isClosed()) {
      state = State.IDLE;
      lease.close();
      seeker.notFound(channel.shutdownRefusal());
    } else {
      state = State.AWAITS_STREAM;
      leaseWithoutStream = lease;
      seeker.waits();
      channel.shortage().park(this, lease.endpoint(), again);
    }
  }

  /** There may be a stream for a call that waits for one. */
  void streamFreed(Endpoint at) {
    steps.run(
        () -> {
          Lease lease = leaseWithoutStream;
          if (state == State.AWAITS_STREAM && lease != null) {
            leaseWithoutStream = null;
            enter(lease, true);
          } else {
            channel.shortage().streamFreed(at);
          }
        });
  }

  /**
   * Finds a place for a call that has one already where it gets no stream; without waiting.
   *
   * @return null if there is none, so that the call stays where it is
   */
  @Nullable Place elsewhere(Lease stuck) {
    Lease lease = channel.elsewhere().better(stuck, tried);
    if (lease == null) {
      return null;
    }
    EndpointChannel target;
    try {
      target = channel.enter(lease.endpoint());
    } catch (RuntimeException | LinkageError e) {
      lease.complete(Outcome.serverFault());
      tried.leftOut(lease.endpoint().id());
      return null;
    }
    if (target == null) {
      lease.close();
      return null;
    }
    return new Place(lease, target);
  }

  /** What the call waits for, in words. */
  String awaited() {
    return switch (state) {
      case AWAITS_LEASE -> "a slot";
      case AWAITS_ENDPOINT -> "an endpoint";
      case AWAITS_STREAM -> "a stream";
      case IDLE -> "nothing";
    };
  }

  /** Ends the search, if it is not over. */
  void end() {
    if (state == State.AWAITS_ENDPOINT || state == State.AWAITS_STREAM) {
      channel.shortage().remove(this);
    }
    state = State.IDLE;
    CompletableFuture<Lease> asking = asked;
    if (asking != null) {
      asking.cancel(false);
    }
    Lease lease = leaseWithoutStream;
    leaseWithoutStream = null;
    if (lease != null) {
      lease.close();
    }
  }
}
