package io.inferencerouter.core.internal.router;

import io.inferencerouter.core.internal.state.EndpointState;

/** Which endpoints have how much of one request in their caches already. */
interface Warmth {
  /** No slot. */
  int NONE = -1;

  /** The share of the input that an endpoint need not read again, 0 to 1. */
  double cachedShare(EndpointState state);

  /** The slot of the endpoint with the most in its cache, next most and so on, or {@link #NONE}. */
  int slot(int rank);

  /** How much more the first of them has than everybody, as a share of the input. */
  double advantage();
}
