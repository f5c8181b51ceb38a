package io.inferencerouter.benchmarks.simulation;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Observer;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * One request on its way: from its client through the network to an endpoint and back, and to
 * another endpoint if it came to nothing at the first.
 */
final class Flight implements Balancer.Dispatch {
  private static final Observer NOBODY = new Observer() {};

  final SimulatedRequest request;
  final int client;
  final long arrivalNanos;
  final boolean isMeasured;

  private final Run run;
  private List<Target> tried = List.of();
  private Observer observer = NOBODY;
  private long firstOutputNanos = -1;
  private boolean decided;

  Flight(Run run, SimulatedRequest request, int client, boolean isMeasured) {
    this.run = run;
    this.request = request;
    this.client = client;
    this.isMeasured = isMeasured;
    this.arrivalNanos = run.loop.nanos();
  }

  void depart() {
    decided = false;
    run.balancer(client).route(request, tried, this);
  }

  @Override
  public void send(Target target, Observer observer) {
    decideOnce();
    this.observer = observer;
    run.sent(this, target);
    long wayNanos = run.wayNanos(client, target);
    Attempt attempt = new Attempt(target, wayNanos);
    run.loop.after(wayNanos, attempt);
  }

  @Override
  public void shed(String reason) {
    decideOnce();
    run.failed(this);
  }

  private void decideOnce() {
    if (decided) {
      throw new IllegalStateException("dispatch: called twice (expected: once for each request)");
    }
    decided = true;
  }

  private void failed(Target target, ServerCallback.Failure failure) {
    observer.failed(failure);
    run.attemptFailed(this, target);
    boolean isWorthAnother = failure != ServerCallback.Failure.IMPOSSIBLE && firstOutputNanos < 0;
    List<Target> all = new ArrayList<>(tried);
    all.add(target);
    tried = all;
    if (isWorthAnother && tried.size() < run.maxAttempts()) {
      depart();
    } else {
      run.failed(this);
    }
  }

  /** One attempt at the request; as an event, its arrival at the endpoint. */
  private final class Attempt implements ServerCallback, Runnable {
    private final Target target;
    private final long wayNanos;

    Attempt(Target target, long wayNanos) {
      this.target = target;
      this.wayNanos = wayNanos;
    }

    @Override
    public void run() {
      target.server().submit(request, this);
    }

    @Override
    public void firstToken(int cachedTokens) {
      run.loop.after(
          wayNanos,
          () -> {
            firstOutputNanos = run.loop.nanos();
            observer.firstToken();
          });
    }

    @Override
    public void progress(int outputTokens) {
      run.loop.after(wayNanos, () -> observer.progress(outputTokens));
    }

    @Override
    public void finished(int cachedTokens, LoadReport report) {
      run.loop.after(
          wayNanos,
          () -> {
            observer.finished(request.inputTokens(), cachedTokens, request.outputTokens(), report);
            long now = run.loop.nanos();
            run.completed(Flight.this, target, firstOutputNanos < 0 ? now : firstOutputNanos);
          });
    }

    @Override
    public void failed(Failure failure) {
      run.loop.after(wayNanos, () -> Flight.this.failed(target, failure));
    }
  }
}
