package io.inferencerouter.core.internal.membership;

/** How the share of an endpoint grows. */
@FunctionalInterface
public interface WarmupShare {
  /** The share after so much time and so many answers. */
  double after(long nanos, int answers);
}
