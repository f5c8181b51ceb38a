package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.REQUEST;
import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.RouterListener;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;

/** The transitions of an endpoint's breaker: open, half open, open again or closed. */
public final class BreakerStress {
  private static final long SECOND = 1_000_000_000;

  private BreakerStress() {}

  /** Two endpoints with two slots, time and timers by hand, and what is heard of them. */
  abstract static class Judged implements RouterListener {
    final long[] now = new long[1];
    final List<Runnable> timers = new ArrayList<>();
    final AtomicInteger ejections = new AtomicInteger();
    final AtomicInteger returns = new AtomicInteger();
    final InferenceRouter router;

    Judged(int failures) {
      router =
          InferenceRouters.builder()
              .endpoint(Endpoint.builder("a", "http://a.example").maxConcurrency(2).build())
              .endpoint(Endpoint.builder("b", "http://b.example").maxConcurrency(2).build())
              .ticker(() -> now[0])
              .scheduler(
                  (delay, task) -> {
                    timers.add(task);
                    return () -> timers.remove(task);
                  })
              .executor(Runnable::run)
              .health(HealthPolicy.builder().consecutiveFailures(failures).build())
              .listener(this)
              .build();
    }

    @Override
    public void endpointEjected(EndpointEjected event) {
      ejections.incrementAndGet();
    }

    @Override
    public void endpointReturned(EndpointReturned event) {
      returns.incrementAndGet();
    }

    /** Two leases on the endpoint {@code a}. */
    final Lease[] both() {
      Lease[] on = new Lease[2];
      List<Lease> others = new ArrayList<>();
      for (int found = 0; found < 2; ) {
        Lease lease = router.acquire(REQUEST);
        if (lease.endpoint().id().equals("a")) {
          on[found++] = lease;
        } else {
          others.add(lease);
        }
      }
      others.forEach(Lease::close);
      return on;
    }

    final int away() {
      return router.snapshot().endpoint("a").orElseThrow().lifecycle() == Lifecycle.EJECTED ? 1 : 0;
    }
  }

  /** The second failure in a row is too many. Results: ejected, how often told, held. */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "Open, by whoever was last.")
  @State
  public static class LastFailureOpensIt extends Judged {
    private final Lease[] leases;

    /** Two requests are under way. */
    public LastFailureOpensIt() {
      super(2);
      leases = both();
    }

    /** Fails. */
    @Actor
    public void first() {
      leases[0].complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Fails too. */
    @Actor
    public void second() {
      leases[1].complete(io.inferencerouter.Outcome.timeout());
    }

    /** Looks. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = away();
      result.r2 = ejections.get();
      result.r3 = held(router);
    }
  }

  /**
   * The ejection ends while a request from before it fails. Results: ejected, how often that was
   * told, how often the return, held.
   */
  @JCStressTest
  @Outcome(id = "0, 1, 1, 0", expect = ACCEPTABLE, desc = "What is old does not count.")
  @Outcome(
      id = "1, 2, 1, 0",
      expect = ACCEPTABLE_INTERESTING,
      desc = "It was noted while the endpoint came back: one such failure may count.")
  @State
  public static class EndAgainstOldFailure extends Judged {
    private final Lease[] leases;

    /** Ejected for a failure, with another request under way. */
    public EndAgainstOldFailure() {
      super(1);
      leases = both();
      leases[0].complete(io.inferencerouter.Outcome.serverFault());
      now[0] = 10 * SECOND;
    }

    /** The time has come. */
    @Actor
    public void end() {
      for (Runnable timer : List.copyOf(timers)) {
        timer.run();
      }
    }

    /** Fails late. */
    @Actor
    public void fail() {
      leases[1].complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Looks. */
    @Arbiter
    public void left(IIII_Result result) {
      result.r1 = away();
      result.r2 = ejections.get();
      result.r3 = returns.get();
      result.r4 = held(router);
    }
  }

  /**
   * After its return one request fails on an endpoint while another succeeds. Results: how often it
   * was ejected in all, held, whether it is away if and only if it was ejected twice.
   */
  @JCStressTest
  @Outcome(id = "2, 0, 1", expect = ACCEPTABLE, desc = "Open again.")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "The success was last, so there is no row.")
  @State
  public static class TrialFailureAgainstTrialSuccess extends Judged {
    private final Lease[] leases;

    /** Half open, with two requests under way. */
    public TrialFailureAgainstTrialSuccess() {
      super(1);
      Lease[] before = both();
      before[0].complete(io.inferencerouter.Outcome.serverFault());
      before[1].close();
      now[0] = 10 * SECOND;
      for (Runnable timer : List.copyOf(timers)) {
        timer.run();
      }
      now[0] += 60 * SECOND;
      leases = both();
    }

    /** Fails. */
    @Actor
    public void fail() {
      leases[0].complete(io.inferencerouter.Outcome.serverFault());
    }

    /** Succeeds. */
    @Actor
    public void succeed() {
      leases[1].complete(io.inferencerouter.Outcome.success());
    }

    /** Looks. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = ejections.get();
      result.r2 = held(router);
      result.r3 = away() == result.r1 - 1 ? 1 : 0;
    }
  }

  /**
   * An endpoint is ejected while a lease on it ends, and another is acquired. Results: ejected, how
   * often told, held.
   */
  @JCStressTest
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "Ejected once, and nothing is left.")
  @State
  public static class EjectionAgainstLease extends Judged {
    private final Lease lease;

    /** One request is under way. */
    public EjectionAgainstLease() {
      super(5);
      Lease[] leases = both();
      leases[1].close();
      lease = leases[0];
    }

    /** Ejects it. */
    @Actor
    public void eject() {
      router.eject("a", java.time.Duration.ofMinutes(1));
    }

    /** Ends one request and begins and ends another. */
    @Actor
    public void use() {
      lease.complete(io.inferencerouter.Outcome.success());
      router.acquire(REQUEST).close();
    }

    /** Looks. */
    @Arbiter
    public void left(III_Result result) {
      result.r1 = away();
      result.r2 = ejections.get();
      result.r3 = held(router);
    }
  }
}
