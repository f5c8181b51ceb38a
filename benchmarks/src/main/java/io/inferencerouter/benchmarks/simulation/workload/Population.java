package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.Priority;
import org.jspecify.annotations.Nullable;

/** Who asks, and for how much: draws everything of a request but its time and its session. */
final class Population {
  /** Who asks. */
  record Caller(
      String tenant,
      double inputFactor,
      double outputFactor,
      String model,
      String region,
      Priority priority) {}

  private final GeneratedWorkload.Builder options;
  private final boolean generates;
  private final Draws inputs;
  private final Draws outputs;
  private final Draws images;
  private final Draws work;
  private final Draws tenants;
  private final Draws models;
  private final Draws regions;
  private final Draws priorities;
  private final String[] tenantNames;
  private final double[] inputFactors;
  private final double[] outputFactors;
  private final String[] modelNames;

  Population(GeneratedWorkload.Builder options, Draws draws) {
    this.options = options;
    generates = options.kind() == Workload.Kind.GENERATION;
    inputs = draws.split();
    outputs = draws.split();
    images = draws.split();
    work = draws.split();
    tenants = draws.split();
    models = draws.split();
    regions = draws.split();
    priorities = draws.split();
    tenantNames = names("tenant-", options.tenants);
    modelNames = names("model-", options.models);
    inputFactors = new double[tenantNames.length];
    outputFactors = new double[tenantNames.length];
    double deviation =
        StrictMath.sqrt(StrictMath.log1p(options.tenantVariation * options.tenantVariation));
    Draws habits = draws.split();
    for (int i = 0; i < tenantNames.length; i++) {
      inputFactors[i] = factor(habits, deviation);
      outputFactors[i] = factor(habits, deviation);
    }
  }

  /** Log-normal with mean 1. */
  private static double factor(Draws draws, double deviation) {
    return StrictMath.exp(deviation * draws.normal() - deviation * deviation / 2);
  }

  private static String[] names(String prefix, @Nullable Zipf those) {
    if (those == null) {
      return new String[] {""};
    }
    String[] names = new String[those.count()];
    for (int i = 0; i < names.length; i++) {
      names[i] = prefix + (i + 1);
    }
    return names;
  }

  Caller caller() {
    int tenant = options.tenants == null ? 0 : options.tenants.draw(tenants);
    int model = options.models == null ? 0 : options.models.draw(models);
    int count = options.regions.size();
    String region = count == 0 ? "" : options.regions.get((int) (regions.uniform() * count));
    double rank = options.criticalShare + options.backgroundShare == 0 ? 1 : priorities.uniform();
    return new Caller(
        tenantNames[tenant],
        inputFactors[tenant],
        outputFactors[tenant],
        modelNames[model],
        region,
        rank < options.criticalShare
            ? Priority.CRITICAL
            : rank < options.criticalShare + options.backgroundShare
                ? Priority.BACKGROUND
                : Priority.STANDARD);
  }

  /** Tokens of text, 1 or more. */
  int input(Caller caller) {
    return Sizes.whole(
        options.input.draw(inputs) * caller.inputFactor, GeneratedWorkload.MAX_TOKENS);
  }

  /** Tokens of an answer; 0 where there is none. */
  int output(Caller caller) {
    return generates
        ? Sizes.whole(
            options.output.draw(outputs) * caller.outputFactor, GeneratedWorkload.MAX_TOKENS)
        : 0;
  }

  /** A request of its own. */
  SimulatedRequest single(long arrivalNanos) {
    Caller caller = caller();
    int text = input(caller);
    int count = 0;
    int picture = 0;
    if (options.images != null) {
      count = (int) Math.min(1_000, Math.rint(options.images.draw(images)));
      double each = options.imageTokens.draw(images);
      picture = count == 0 ? 0 : Sizes.whole(count * each, GeneratedWorkload.MAX_TOKENS);
    }
    int input = text + picture;
    long workNanos = 0;
    if (options.workMillis != null) {
      workNanos = (long) Math.max(1, input * options.workMillis.draw(work) * 1e6);
    }
    return new SimulatedRequest(
        arrivalNanos,
        input,
        output(caller),
        caller.tenant,
        "",
        0,
        caller.model,
        Blocks.NONE,
        text,
        picture,
        count,
        SimulatedRequest.OPEN_LOOP,
        workNanos,
        caller.region,
        caller.priority);
  }
}
