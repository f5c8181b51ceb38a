package io.inferencerouter.benchmarks.simulation.policy.classic;

import io.inferencerouter.LoadReport;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.NamedPolicy;
import io.inferencerouter.benchmarks.simulation.policy.Policy;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback.Failure;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.Arrays;

/**
 * gRPC's weighted_round_robin (gRFC A58; WeightedRoundRobinLoadBalancer of grpc-java), with its
 * defaults: the weight is what an endpoint says of itself in each answer,
 *
 * <pre>requests per second / (utilization + errors per second / requests per second · 1)</pre>
 *
 * <p>where utilization is that of the application, else that of the CPU. A weight counts once
 * reports have come for a blackout period of 10 seconds, expires after 3 minutes without one, and
 * is brought into the rotation once a second. Endpoints without a weight get the mean; with none at
 * all it is round robin. An endpoint whose connection broke begins anew.
 */
final class GrpcWeightedRoundRobin extends OutstandingBalancer<GrpcWeightedRoundRobin.Rotation> {
  static final long BLACKOUT_NANOS = 10_000_000_000L;
  static final long EXPIRATION_NANOS = 180_000_000_000L;
  static final long UPDATE_NANOS = 1_000_000_000L;
  private static final double ERROR_PENALTY = 1;
  private static final long NOT_YET = Long.MAX_VALUE;

  private double[] weights = new double[0];
  private long[] lastUpdated = new long[0];
  private long[] nonEmptySince = new long[0];

  private GrpcWeightedRoundRobin(Client client) {
    super(client, FailureAccrual.grpc(client.random()));
  }

  static Policy policy() {
    return new NamedPolicy(
        "grpc-wrr-orca",
        "Weighted round robin by reported requests per second / utilization"
            + " (gRPC: weighted_round_robin, gRFC A58)",
        Policy.Standing.INFORMED_RIVAL,
        GrpcWeightedRoundRobin::new);
  }

  @Override
  Rotation candidates(Target[] targets) {
    int before = weights.length;
    if (indices() > before) {
      weights = Arrays.copyOf(weights, indices());
      lastUpdated = Arrays.copyOf(lastUpdated, indices());
      nonEmptySince = Arrays.copyOf(nonEmptySince, indices());
      Arrays.fill(nonEmptySince, before, indices(), NOT_YET);
    }
    return new Rotation(targets, random.nextInt());
  }

  @Override
  int choose(SimulatedRequest request, Rotation rotation) {
    long now = loop.nanos();
    if (now >= rotation.nextUpdate) {
      rotation.nextUpdate = now + UPDATE_NANOS;
      for (int position = 0; position < rotation.size(); position++) {
        rotation.weights[position] = weight(rotation.target(position).index(), now);
      }
      rotation.strides.update(rotation.weights);
    }
    return rotation.strides.next(rotation);
  }

  @Override
  void finished(Flight flight, int outputTokens, LoadReport report) {
    double rate = report.requestsPerSecond().orElse(0);
    double utilization = report.applicationUtilization().orElse(0);
    if (utilization <= 0) {
      utilization = report.cpuUtilization().orElse(0);
    }
    if (utilization <= 0 || rate <= 0) {
      return;
    }
    int index = flight.target.index();
    if (nonEmptySince[index] == NOT_YET) {
      nonEmptySince[index] = loop.nanos();
    }
    lastUpdated[index] = loop.nanos();
    double penalty = report.errorsPerSecond().orElse(0) / rate * ERROR_PENALTY;
    weights[index] = rate / (utilization + penalty);
  }

  @Override
  void failed(Flight flight, Failure failure) {
    if (failure == Failure.REFUSED || failure == Failure.RESET) {
      nonEmptySince[flight.target.index()] = NOT_YET;
    }
  }

  @Override
  void forget(Target target) {
    if (target.index() < weights.length) {
      nonEmptySince[target.index()] = NOT_YET;
    }
  }

  /** 0 for none. */
  private double weight(int index, long now) {
    if (nonEmptySince[index] == NOT_YET) {
      return 0;
    }
    if (now - lastUpdated[index] >= EXPIRATION_NANOS) {
      nonEmptySince[index] = NOT_YET;
      return 0;
    }
    return now - nonEmptySince[index] < BLACKOUT_NANOS ? 0 : weights[index];
  }

  static final class Rotation extends Candidates {
    final double[] weights;
    final StaticStride strides;
    long nextUpdate = Long.MIN_VALUE;

    Rotation(Target[] targets, int sequence) {
      super(targets);
      weights = new double[targets.length];
      strides = new StaticStride(targets.length, sequence);
    }
  }
}
