package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs of known work, such as the making of an image: up to {@value #AT_A_TIME} at a time, or
 * the limit of concurrency if that is less, in the order of their coming. They do not slow each
 * other down.
 */
final class JobServer extends WholeAnswerServer<JobServer.Job> {
  /** Jobs at a time. */
  static final int AT_A_TIME = 4;

  private final int slots;
  private final PriorityQueue<Job> running =
      new PriorityQueue<>(
          Comparator.<Job>comparingDouble(job -> job.endWork).thenComparingLong(job -> job.ticket));

  JobServer(EndpointSpec spec, EventLoop loop, RandomGenerator random) {
    super(spec, loop, random);
    this.slots = Math.min(AT_A_TIME, spec.maxConcurrency());
  }

  /** A job, which ends when the clock shows so much work. */
  static final class Job extends ServedRequest {
    double endWork;

    Job(SimulatedRequest request, ServerCallback callback, long ticket) {
      super(request, callback, ticket);
    }
  }

  @Override
  Job accept(SimulatedRequest request, ServerCallback callback, long ticket) {
    return new Job(request, callback, ticket);
  }

  @Override
  double price(SimulatedRequest request) {
    return part(request);
  }

  @Override
  double part(SimulatedRequest request) {
    return Math.rint(speed * (double) request.workNanos());
  }

  @Override
  void gaveUp(Job job) {
    if (!job.started) {
      leaveQueue(job);
      return;
    }
    clock.advance(now(), true);
    wasted += done(job);
    running.remove(job);
    models.ended(job);
    working = !running.isEmpty();
    schedule();
  }

  private double done(Job job) {
    double left = Math.max(0, job.endWork - clock.workAt(now()));
    return Math.max(0, price(job.request) - left);
  }

  @Override
  void look() {
    Job next = startable();
    if (next == null) {
      return;
    }
    if (!working) {
      begin(now(), 1);
    } else {
      clock.advance(now(), true);
    }
    startAll(next, now());
  }

  private @Nullable Job startable() {
    return running.size() < slots ? models.next() : null;
  }

  private void startAll(@Nullable Job first, double now) {
    double work = clock.workAt(now);
    for (Job job = first; job != null; job = startable()) {
      models.start(job);
      job.started = true;
      leaveQueue(job);
      job.endWork = work + price(job.request) * noiseOf(1);
      running.add(job);
    }
    working = !running.isEmpty();
    schedule();
  }

  @Override
  void happen() {
    Job first = running.peek();
    if (first == null) {
      return;
    }
    double now = clock.timeOf(first.endWork);
    double work = first.endWork;
    clock.advance(now, true);
    for (Job job = first; job != null && job.endWork <= work; job = running.peek()) {
      running.remove();
      models.ended(job);
      finish(job);
    }
    startAll(startable(), now);
  }

  @Override
  double workTillNext() {
    Job first = running.peek();
    return first == null ? 0 : first.endWork;
  }

  @Override
  void loseRunning(List<Job> lost) {
    while (!running.isEmpty()) {
      Job job = running.remove();
      wasted += done(job);
      lost.add(job);
    }
  }

  @Override
  int running() {
    return running.size();
  }

  /** All work that is left here, spread over the places, and its own. */
  @Override
  public double trueFinishMillis(SimulatedRequest request) {
    if (!canAnswer(request)) {
      return Double.POSITIVE_INFINITY;
    }
    double before = 0;
    if (running.size() + models.waiting() >= slots) {
      double work = clock.workAt(now());
      double left = waitingNanos();
      for (Job job : running) {
        left += Math.max(0, job.endWork - work);
      }
      before = left / slots;
    }
    double load = models.untilLoaded(request.model());
    return (load + slowness() * (before + price(request))) / 1e6;
  }

  /** None: jobs have places of their own, and nobody goes before those who came earlier. */
  @Override
  public double trueHarmMillis(SimulatedRequest request) {
    return canAnswer(request) ? 0 : Double.POSITIVE_INFINITY;
  }
}
