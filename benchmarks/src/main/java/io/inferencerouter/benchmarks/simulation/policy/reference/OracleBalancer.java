package io.inferencerouter.benchmarks.simulation.policy.reference;

import io.inferencerouter.benchmarks.simulation.policy.Balancer;
import io.inferencerouter.benchmarks.simulation.policy.Client;
import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Sends each request where its score is least; of equals any. */
final class OracleBalancer implements Balancer {
  private final EventLoop loop;
  private final RandomGenerator random;
  private final ToDoubleFunction<OracleScore> score;
  private final Function<Target, Outstanding> registry;
  private Map<Integer, Place> known = Map.of();
  private List<Place> places = List.of();

  OracleBalancer(
      Client client, ToDoubleFunction<OracleScore> score, Function<Target, Outstanding> registry) {
    loop = client.loop();
    random = client.random();
    this.score = score;
    this.registry = registry;
    targets(client.targets());
  }

  @Override
  public void targets(List<Target> targets) {
    // Those that have left are kept too: what this client has there is still to be given back.
    Map<Integer, Place> next = new HashMap<>(known);
    places =
        targets.stream()
            .map(
                target ->
                    next.computeIfAbsent(
                        target.index(), any -> new Place(target, registry.apply(target))))
            .toList();
    known = next;
  }

  @Override
  public void route(SimulatedRequest request, List<Target> excluded, Dispatch dispatch) {
    Place place = best(request, excluded);
    if (place == null && !excluded.isEmpty()) {
      place = best(request, List.of());
    }
    if (place == null) {
      dispatch.shed("no endpoint serves model '" + request.model() + "'");
      return;
    }
    place.outstanding().sent(place.target(), request, loop.nanos());
    dispatch.send(place.target(), new WorkLeft(place, request));
  }

  private @Nullable Place best(SimulatedRequest request, List<Target> excluded) {
    Place best = null;
    double least = Double.POSITIVE_INFINITY;
    int ties = 0;
    long now = loop.nanos();
    for (Place place : places) {
      Target target = place.target();
      if (!target.spec().serves(request.model(), request.region()) || excluded.contains(target)) {
        continue;
      }
      double value =
          score.applyAsDouble(new OracleScore(target, place.outstanding(), request, now));
      if (best == null || value < least) {
        best = place;
        least = value;
        ties = 1;
      } else if (value == least && random.nextInt(++ties) == 0) {
        best = place;
      }
    }
    return best;
  }

  /** Gives back what this client has outstanding: it will not hear of it any more. */
  @Override
  public void close() {
    known.values().forEach(Place::abandon);
  }
}
