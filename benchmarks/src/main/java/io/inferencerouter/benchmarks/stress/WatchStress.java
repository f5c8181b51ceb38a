package io.inferencerouter.benchmarks.stress;

import static io.inferencerouter.benchmarks.stress.SmallRouter.REQUEST;
import static io.inferencerouter.benchmarks.stress.SmallRouter.asInt;
import static io.inferencerouter.benchmarks.stress.SmallRouter.held;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.InferenceRouters;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Leases that join, are swept, are taken back and end at the same moment. */
public final class WatchStress {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final InferenceRequest STREAM = REQUEST.toBuilder().streaming(true).build();

  private WatchStress() {}

  /** A router whose time and whose tasks are in the hands of the test. */
  abstract static class Watching {
    final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    final AtomicInteger told = new AtomicInteger();
    volatile long now;
    final InferenceRouter router =
        InferenceRouters.builder()
            .ticker(() -> now)
            .scheduler(
                (delay, task) -> {
                  tasks.add(task);
                  return () -> tasks.remove(task);
                })
            .executor(Runnable::run)
            .health(HealthPolicy.none())
            .endpoint(Endpoint.builder("a", "http://a.example").maxConcurrency(4).build())
            .build();

    final void sweep() {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    }

    /** Ejects the endpoint; each lease that is told ends. Results: how many are told, held. */
    final void takeBack(II_Result result, @Nullable Lease... out) {
      for (Lease lease : out) {
        if (lease != null) {
          lease.onRevoked(
              why -> {
                told.incrementAndGet();
                lease.close();
              });
        }
      }
      router.eject("a", LONG);
      result.r1 = told.get();
      result.r2 = held(router);
    }
  }

  /** Two streams join at the same moment. Result: how many are told of an ejection after that. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "Both were found.")
  @State
  public static class JoinAgainstJoin extends Watching {
    private @Nullable Lease first;
    private @Nullable Lease second;

    /** Joins. */
    @Actor
    public void first() {
      first = router.acquire(STREAM);
    }

    /** Joins too. */
    @Actor
    public void second() {
      second = router.acquire(STREAM);
    }

    /** Ejects, and ends both. */
    @Arbiter
    public void left(II_Result result) {
      takeBack(result, first, second);
    }
  }

  /**
   * A stream joins while the sweep before finds nothing and ends. Results: whether it is told of an
   * ejection, whether a sweep will come.
   */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It is found, and a sweep comes.")
  @State
  public static class JoinAgainstLastSweep extends Watching {
    private @Nullable Lease lease;

    /** A stream that has ended; its sweep is still to come. */
    public JoinAgainstLastSweep() {
      router.acquire(STREAM).close();
    }

    /** Joins. */
    @Actor
    public void join() {
      lease = router.acquire(STREAM);
    }

    /** Finds nothing, maybe. */
    @Actor
    public void lookAround() {
      sweep();
    }

    /** Counts. */
    @Arbiter
    public void left(II_Result result) {
      result.r2 = tasks.size();
      Lease out = lease;
      if (out != null) {
        out.onRevoked(why -> told.incrementAndGet());
        router.eject("a", LONG);
        out.close();
      }
      result.r1 = told.get();
    }
  }

  /**
   * A lease ends while a sweep looks at it, and another one takes its place. Result: found, held.
   */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The one that is out was found.")
  @State
  public static class ReplaceAgainstSweep extends Watching {
    private final Lease before = router.acquire(STREAM);
    private @Nullable Lease lease;

    /** Ends the one, and begins the other. */
    @Actor
    public void replace() {
      before.close();
      lease = router.acquire(STREAM);
    }

    /** Looks. */
    @Actor
    public void lookAround() {
      sweep();
    }

    /** Ejects, and ends it. */
    @Arbiter
    public void left(II_Result result) {
      takeBack(result, lease);
    }
  }

  /**
   * A lease is completed while its endpoint is ejected. Results: whether the caller ended it,
   * whether the transport did, held.
   */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "It had ended before.")
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "It was taken back.")
  @State
  public static class RevokeAgainstComplete extends Watching {
    private final Lease lease = router.acquire(REQUEST);

    /** A lease whose transport listens. */
    public RevokeAgainstComplete() {
      lease.onRevoked(why -> told.addAndGet(asInt(lease.complete(why.outcome()))));
    }

    /** Ends it. */
    @Actor
    public void complete(III_Result result) {
      result.r1 = asInt(lease.complete(io.inferencerouter.Outcome.success()));
    }

    /** Ejects its endpoint. */
    @Actor
    public void eject() {
      router.eject("a", LONG);
    }

    /** Looks at what is left. */
    @Arbiter
    public void left(III_Result result) {
      result.r2 = told.get();
      result.r3 = held(router);
    }
  }

  /** A transport begins to listen while its endpoint is ejected. Result: how often it is told. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Once, whoever was first.")
  @State
  public static class ListenAgainstEject extends Watching {
    private final Lease lease = router.acquire(REQUEST);

    /** Listens. */
    @Actor
    public void listen() {
      lease.onRevoked(why -> told.incrementAndGet());
    }

    /** Ejects its endpoint. */
    @Actor
    public void eject() {
      router.eject("a", LONG);
    }

    /** Counts. */
    @Arbiter
    public void left(II_Result result) {
      result.r1 = told.get();
      lease.close();
      result.r2 = held(router);
    }
  }

  /**
   * A lease is completed while it is taken for lost. Results: whether the caller ended it, how many
   * were reclaimed, held.
   */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "In time.")
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "Too late.")
  @State
  public static class ReclaimAgainstComplete extends Watching {
    private final Lease lease = router.acquire(STREAM);

    /** A lease that is as old as can be. */
    public ReclaimAgainstComplete() {
      now = Duration.ofDays(1).toNanos();
    }

    /** Ends it. */
    @Actor
    public void complete(III_Result result) {
      result.r1 = asInt(lease.complete(io.inferencerouter.Outcome.success()));
    }

    /** Reclaims it. */
    @Actor
    public void reclaim() {
      sweep();
    }

    /** Looks at what is left. */
    @Arbiter
    public void left(III_Result result) {
      result.r2 = (int) router.snapshot().reclaimed();
      result.r3 = held(router);
    }
  }
}
