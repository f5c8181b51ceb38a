package io.inferencerouter.grpc;

import java.util.ArrayList;
import java.util.List;

/** The endpoints that a call has been tried on. Not safe for use by several threads at once. */
final class Tried {
  private final List<String> endpoints = new ArrayList<>(1);

  void add(String endpointId) {
    endpoints.add(endpointId);
  }

  boolean contains(String endpointId) {
    return !endpoints.isEmpty() && endpoints.contains(endpointId);
  }

  /** How many attempts there were. */
  int count() {
    return endpoints.size();
  }
}
