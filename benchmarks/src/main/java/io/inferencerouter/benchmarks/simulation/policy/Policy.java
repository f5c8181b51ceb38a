package io.inferencerouter.benchmarks.simulation.policy;

/** A way to balance, of which each client makes its own balancer. */
public interface Policy {
  /** What it is called on the command line and in results. */
  String name();

  /** One sentence: what it does, and where it was published. */
  String description();

  /** What it is to be compared as. */
  Standing standing();

  /** Makes the balancer of one client. */
  Balancer balancer(Client client);

  /** What a policy is to be compared as. */
  enum Standing {
    /** The library. */
    OURS,
    /** Knows only what a client can know without being told: counts, latencies, answers. */
    RIVAL,
    /** Needs to be told the true weights of the endpoints, or the load they report. */
    INFORMED_RIVAL,
    /** Knows the future; nobody can do that. */
    REFERENCE
  }
}
