package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.benchmarks.simulation.workload.Workload.Kind;

/** Reads requests one by one for a profile. Keeps five numbers of each. */
final class Profiling {
  private static final double TOP = 0.01;
  private static final long SECOND = 1_000_000_000L;

  private final Kind kind;
  private final Sample inputs = new Sample();
  private final Sample outputs = new Sample();
  private final Sample costs = new Sample();
  private final Sample gaps = new Sample();
  private final PrefixReuse reuse = new PrefixReuse();
  private final Shares sessions = new Shares();
  private final Shares tenants = new Shares();
  private final Shares models = new Shares();
  private final Shares regions = new Shares();
  private long firstNanos;
  private long lastNanos;
  private long second;
  private long inSecond;
  private long peak;
  private long closed;
  private long images;

  Profiling(Kind kind) {
    this.kind = kind;
  }

  void add(SimulatedRequest request) {
    arrive(request.arrivalNanos());
    inputs.add(request.inputTokens());
    outputs.add(request.outputTokens());
    costs.add(RequestCost.millis(kind, request));
    reuse.add(request);
    sessions.add(request.session());
    tenants.add(request.tenant());
    models.add(request.model());
    regions.add(request.region());
    closed += request.isClosedLoop() && request.turn() > 0 ? 1 : 0;
    images += request.images();
  }

  private void arrive(long nanos) {
    if (inputs.size() == 0) {
      firstNanos = nanos;
    } else {
      gaps.add((double) (nanos - lastNanos));
    }
    lastNanos = nanos;
    long current = (nanos - firstNanos) / SECOND;
    inSecond = current == second ? inSecond + 1 : 1;
    second = current;
    peak = Math.max(peak, inSecond);
  }

  /**
   * The part of the variation that input sizes explain: the correlation between the cost and what
   * is predicted of it, times the variation.
   */
  private double knownVariation() {
    if (kind == Kind.ENCODING) {
      return costs.variation();
    }
    double answer = outputs.mean();
    Sample predicted = new Sample();
    for (int i = 0; i < inputs.size(); i++) {
      predicted.add(
          kind == Kind.JOBS ? inputs.get(i) : RequestCost.generationMillis(inputs.get(i), answer));
    }
    return Math.abs(costs.correlation(predicted)) * costs.variation();
  }

  TrafficProfile result(String name) {
    int requests = inputs.size();
    double seconds = (double) (lastNanos - firstNanos) / SECOND;
    double rate = seconds == 0 ? 0 : (requests - 1) / seconds;
    return new TrafficProfile(
        name,
        kind,
        requests,
        seconds,
        rate,
        gaps.variation(),
        seconds < 1 ? 1 : peak / rate,
        inputs.distribution(),
        outputs.distribution(),
        costs.distribution(),
        knownVariation(),
        requests == 0 ? 0 : costs.topShare(TOP),
        reuse.share(),
        reuse.shareInTurn(),
        sessions.distinct(),
        sessions.mean(),
        sessions.most(),
        requests == 0 ? 0 : (double) closed / requests,
        tenants.distinct(),
        tenants.top(),
        models.distinct(),
        models.top(),
        regions.distinct(),
        images);
  }
}
