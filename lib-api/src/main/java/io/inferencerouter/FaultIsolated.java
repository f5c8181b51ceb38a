package io.inferencerouter;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Code that the router was given failed, and the router went on without it. Immutable. */
public final class FaultIsolated {
  /** What kind of code failed. */
  public enum Component {
    /** A {@link CostEstimator}: the request was routed with the default work. */
    COST_ESTIMATOR,
    /** An {@link EndpointSelector}: the router chose in its place. */
    ENDPOINT_SELECTOR,
    /** A {@link RouterListener}: the event was passed to the others. */
    LISTENER,
    /** An {@link ActiveProbe} threw: that counts as an endpoint that is not well. */
    PROBE,
    /** What was to run when an attempt is revoked: the attempt went on, or came to its own end. */
    REVOCATION,
    /** A classifier of an adapter: the request was routed without what it would have said. */
    CLASSIFIER,
    /**
     * The executor or scheduler refused a task: what it was meant for failed or was done at once.
     */
    EXECUTOR
  }

  private final Component component;
  private final String description;
  private final @Nullable Throwable failure;

  /** Creates the event. */
  public FaultIsolated(Component component, String description, @Nullable Throwable failure) {
    this.component = Objects.requireNonNull(component, "component");
    this.description = Objects.requireNonNull(description, "description");
    this.failure = failure;
  }

  /** What kind of code failed. */
  public Component component() {
    return component;
  }

  /** What it did. */
  public String description() {
    return description;
  }

  /** What it threw, if it did. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public String toString() {
    return "FaultIsolated[" + component + ": " + description + "]";
  }
}
