package io.inferencerouter.core.internal.router;

import io.inferencerouter.EndpointSelector;
import io.inferencerouter.FaultIsolated.Component;
import io.inferencerouter.core.selection.Selectors;

/** A selector whose faults go no further: where it throws, another one chooses in its place. */
final class GuardedSelector {
  private final EndpointSelector selector;
  private final EndpointSelector standIn = Selectors.predictedTime();
  private final Events events;

  GuardedSelector(EndpointSelector selector, Events events) {
    this.selector = selector;
    this.events = events;
  }

  /** An index of the decision, {@link EndpointSelector#NONE}, or nonsense. */
  int select(Decision decision) {
    try {
      return selector.select(decision.request, decision);
    } catch (Throwable thrown) {
      failed(thrown);
      return standIn.select(decision.request, decision);
    }
  }

  /** As {@link #select}, but {@link EndpointSelector#NONE} for nonsense. */
  int choice(Decision decision) {
    int index = select(decision);
    if (index == EndpointSelector.NONE || (index >= 0 && index < decision.size())) {
      return index;
    }
    outOfRange(index, decision.size());
    return EndpointSelector.NONE;
  }

  /** Tells that the selector has thrown. */
  void failed(Throwable thrown) {
    events.faultIsolated(
        Component.ENDPOINT_SELECTOR,
        "selector " + selector.getClass().getName() + " threw",
        thrown);
  }

  /** Tells that the selector has chosen what is not there. */
  void outOfRange(int index, int size) {
    events.faultIsolated(
        Component.ENDPOINT_SELECTOR,
        "index: " + index + " (expected: 0 to " + (size - 1) + ", or NONE)",
        null);
  }
}
