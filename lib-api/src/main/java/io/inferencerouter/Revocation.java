package io.inferencerouter;

/**
 * Why a router takes an attempt back whose lease is out; see {@link Lease#onRevoked}.
 *
 * <p>There are two kinds. As long as a revocation is not {@linkplain #isFinal() final}, it is a
 * wish: an attempt that can safely be made elsewhere should be, any other goes on. A final one says
 * what has happened: the lease has ended, and nobody should read on.
 */
public enum Revocation {
  /** Its endpoint was ejected, for a reason other than quota. */
  EJECTED(false),
  /** Its endpoint was {@linkplain InferenceRouter#remove removed}. */
  REMOVED(false),
  /** It takes far longer to the first token than was predicted. */
  UNANSWERED(false),
  /** Its stream has stopped, and the router was asked to end such streams. */
  STALLED(true),
  /** Its lease was out for too long without a sign of life, and counts as lost. */
  RECLAIMED(true);

  private final boolean isFinal;

  Revocation(boolean isFinal) {
    this.isFinal = isFinal;
  }

  /** With what a lease ends that is given up for this reason. */
  public Outcome outcome() {
    return switch (this) {
      case EJECTED, REMOVED -> Outcome.serverFault();
      case UNANSWERED -> Outcome.timeout();
      case STALLED -> Outcome.timeout().withProgress(Outcome.Progress.RECEIVED);
      case RECLAIMED -> Outcome.cancelled();
    };
  }

  /** Whether the lease has ended already; otherwise ending it is left to who uses it. */
  public boolean isFinal() {
    return isFinal;
  }
}
