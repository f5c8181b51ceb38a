package io.inferencerouter.core.internal.watch;

import io.inferencerouter.AttemptStalled;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Revocation;
import io.inferencerouter.Ticker;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.Scheduler;
import io.inferencerouter.core.StallPolicy;
import io.inferencerouter.core.internal.state.EndpointState;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the leases that are out: finds streams that have stopped and leases that were lost,
 * and takes attempts back whose endpoint is withdrawn. Who is asked to leave may have to stay for
 * the moment, as where there is no room elsewhere; so he is asked again with each look.
 *
 * <p>There is one task for all of them, which looks at each lease a few times within the shortest
 * time that matters. It is scheduled only while something is out: the first lease to join arms it,
 * and a sweep that finds nothing does not come again. Arming is the one thing here that may wait
 * for anybody, as a scheduler may have a lock around its queue; it happens once per sweep at most.
 */
public final class LeaseWatch {
  private static final int SWEEPS_PER_STALL = 8;
  private static final int SWEEPS_PER_AGE = 16;
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(5);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(10);

  private final StallPolicy stalls;
  private final LeakPolicy leaks;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final WatchObserver observer;
  private final LeaseRegistry registry;
  private final Duration interval;
  private final boolean sweeps;
  private final AtomicBoolean armed = new AtomicBoolean();
  private final AtomicLong reclaimed = new AtomicLong();
  private volatile boolean closed;
  private volatile Scheduler.Cancellation next = () -> {};

  /** When the last sweep was, or when the sweeps were armed. Handed on through the scheduler. */
  private long sweptAt;

  /** Begins to watch; nothing is scheduled before a lease is out. */
  public LeaseWatch(
      StallPolicy stalls,
      LeakPolicy leaks,
      Ticker ticker,
      Scheduler scheduler,
      WatchObserver observer) {
    this.stalls = stalls;
    this.leaks = leaks;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.observer = observer;
    this.registry = new LeaseRegistry(leaks.recordsAcquisition());
    this.sweeps = stalls.isEnabled() || leaks.isEnabled();
    this.interval = interval(stalls, leaks);
  }

  private static Duration interval(StallPolicy stalls, LeakPolicy leaks) {
    Duration interval = LONGEST_INTERVAL;
    if (stalls.isEnabled()) {
      interval = shorter(interval, stalls.shortestLimit().dividedBy(SWEEPS_PER_STALL));
    }
    if (leaks.isEnabled()) {
      interval = shorter(interval, leaks.maxLeaseAge().dividedBy(SWEEPS_PER_AGE));
    }
    return interval.compareTo(SHORTEST_INTERVAL) < 0 ? SHORTEST_INTERVAL : interval;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Whether the leases of streaming requests are watched from the beginning. */
  public boolean watchesStreams() {
    return sweeps;
  }

  /** Whether all leases are watched from the beginning. */
  public boolean watchesAll() {
    return leaks.watchesAll();
  }

  /**
   * Watches a lease until it has ended.
   *
   * @param random any bits
   */
  public void add(Watched lease, long random) {
    registry.add(lease, random);
    if (sweeps && !armed.get()) {
      arm();
    }
  }

  private void arm() {
    if (!closed && armed.compareAndSet(false, true)) {
      sweptAt = ticker.nanos();
      schedule();
    }
  }

  private void schedule() {
    try {
      next = scheduler.schedule(interval, this::sweep);
      if (closed) {
        close();
      }
    } catch (RejectedExecutionException e) {
      armed.set(false); // whoever comes next tries again
      if (!closed) {
        observer.taskRejected(e);
      }
    }
  }

  private void sweep() {
    if (closed) {
      return;
    }
    int out = 0;
    try {
      out = look(ticker.nanos());
    } finally {
      if (out != 0) {
        schedule();
      } else {
        armed.set(false);
        if (registry.isInUse()) {
          arm(); // it joined before it could see that the sweeps had ended
        }
      }
    }
  }

  private int look(long now) {
    // A sweep that comes late says that this process stood still, not that the endpoints did.
    long lost = Math.max(0, now - sweptAt - 2 * interval.toNanos());
    double fading = stalls.longestIdle().toNanos();
    sweptAt = now;
    return registry.sweep(
        (table, place, lease) -> {
          Vigil vigil = table.vigil(place, lease, now);
          vigil.look(now, lost, fading);
          if (leaks.isEnabled() && vigil.silentNanos(now) > leaks.maxLeaseAge().toNanos()) {
            Throwable acquiredAt = table.acquiredAt(place, lease);
            reclaim(
                lease,
                new LeaseReclaimed(
                    lease.request(),
                    lease.endpoint(),
                    Duration.ofNanos(now - lease.acquiredNanos()),
                    acquiredAt));
          } else {
            Revocation withdrawn = lease.endpointState().withdrawn();
            if (stalls.isEnabled() && lease.request().streaming()) {
              watchStream(vigil, now, withdrawn);
            }
            if (withdrawn != null) {
              boolean unused = lease.askAgain(withdrawn);
            }
          }
        });
  }

  private void reclaim(Watched lease, LeaseReclaimed event) {
    if (lease.revoke(Revocation.RECLAIMED)) {
      reclaimed.incrementAndGet();
      observer.reclaimed(event);
    }
  }

  /** One that stalls is told of once; one that is not answered is asked to leave until it does. */
  private void watchStream(Vigil vigil, long now, @Nullable Revocation withdrawn) {
    Duration expected = vigil.expected();
    if (!vigil.stalls(now, stalls, expected)) {
      return;
    }
    if (vigil.beginsToStall()) {
      beginsToStall(vigil, now, expected);
    } else if (!vigil.isBegun() && withdrawn == null) {
      boolean unused = vigil.lease().askAgain(Revocation.UNANSWERED);
    }
  }

  private void beginsToStall(Vigil vigil, long now, Duration expected) {
    Watched lease = vigil.lease();
    boolean begun = vigil.isBegun();
    Revocation revocation =
        !begun ? Revocation.UNANSWERED : stalls.endsStreams() ? Revocation.STALLED : null;
    observer.stalled(
        new AttemptStalled(
            lease.request(),
            lease.endpoint(),
            begun,
            Duration.ofNanos(vigil.idleNanos(now)),
            expected,
            vigil.limit(stalls, expected),
            revocation));
    if (revocation != null) {
      boolean unused = lease.revoke(revocation);
    }
  }

  /** Takes back whatever is out on an endpoint that has been withdrawn. */
  public void withdraw(EndpointState state, Revocation why) {
    registry.visit(
        (table, place, lease) -> {
          if (lease.endpointState() == state) {
            boolean unused = lease.revoke(why);
          }
        });
  }

  /** How many leases were taken for lost. */
  public long reclaimed() {
    return reclaimed.get();
  }

  /** Schedules nothing more. */
  public void close() {
    closed = true;
    next.cancel();
  }
}
