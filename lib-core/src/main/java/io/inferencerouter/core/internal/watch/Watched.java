package io.inferencerouter.core.internal.watch;

import io.inferencerouter.Lease;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.EndpointState;

/** A lease as the sweeps see it. What it says may be from a moment ago. */
public interface Watched extends Lease {
  /** The living state of its endpoint. */
  EndpointState endpointState();

  /** Whether the first output has arrived. */
  boolean isAnswered();

  /** Whether whoever reads the answer holds it back now. */
  boolean isHeldBack();

  /** A number that changes with every sign of life; two signs may cancel out, rarely. */
  int signs();

  /** The predicted time to the first output, in nanoseconds; until that has arrived. */
  long predictedFirstOutputNanos();

  /** The time that the first output took, in nanoseconds; once it has arrived. */
  long firstOutputNanos();

  /** The predicted time of an output unit beside those that are in flight now, in nanoseconds. */
  long predictedStepNanos();

  /**
   * Takes the attempt back.
   *
   * @return whether that was news: somebody was asked, or with a final one, the lease was ended
   */
  boolean revoke(Revocation why);

  /**
   * As {@link #revoke} with a revocation that is not final, and once more if somebody has been
   * asked with the same and has let the attempt go on.
   *
   * @return whether somebody was asked
   */
  boolean askAgain(Revocation why);
}
