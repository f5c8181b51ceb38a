package io.inferencerouter.core.internal.router;

import io.inferencerouter.core.internal.state.EndpointState;

/** Which endpoints have how much of one request in their caches already. */
interface Warmth {
  /** No slot. */
  int NONE = -1;

  /** The share of the input that an endpoint has read, as far as is noted, 0 to 1. */
  double notedShare(EndpointState state);

  /** How far what is noted of an endpoint is to be believed, 0 to 1. */
  double trust(EndpointState state);

  /** The share of the input that an endpoint need not read again, by all that is known, 0 to 1. */
  default double cachedShare(EndpointState state) {
    return notedShare(state) * trust(state);
  }

  /** The slot of the endpoint with the most in its cache, next most and so on, or {@link #NONE}. */
  int slot(int rank);

  /** How much more is noted of the first of them than of everybody, as a share of the input. */
  double advantage();
}
