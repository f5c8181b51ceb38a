package io.inferencerouter.grpc;

import java.util.ArrayList;
import java.util.List;

/** The endpoints that a call has been tried on. Not safe for use by several threads at once. */
final class Tried {
  private final List<String> endpoints = new ArrayList<>(1);
  private int uncounted;

  void add(String endpointId) {
    endpoints.add(endpointId);
  }

  /** The last one was left before it got to see the call. */
  void moved() {
    uncounted++;
  }

  /** One that is not to be tried, and that was not. */
  void leftOut(String endpointId) {
    endpoints.add(endpointId);
    uncounted++;
  }

  boolean contains(String endpointId) {
    return !endpoints.isEmpty() && endpoints.contains(endpointId);
  }

  /** How many attempts there were. */
  int count() {
    return endpoints.size() - uncounted;
  }
}
