package io.inferencerouter.core.internal.execution;

import io.inferencerouter.Lease;
import io.inferencerouter.Outcome;
import io.inferencerouter.Revocation;
import java.util.Optional;

/** A lease of one attempt of a row, which remembers what another attempt depends on. */
public interface AttemptedLease extends Lease {
  /** The outcome with which it was completed; empty as long as it is not. */
  Optional<Outcome> outcome();

  /** Why somebody was asked to give it up; empty if nobody was. */
  Optional<Revocation> revocation();
}
