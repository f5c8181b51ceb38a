package io.inferencerouter.benchmarks.simulation.policy;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSelector;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InferenceRouterException;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Lease;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.benchmarks.simulation.fleet.EndpointSpec;
import io.inferencerouter.benchmarks.simulation.server.ServerCallback;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import io.inferencerouter.benchmarks.simulation.workload.SimulatedRequest;
import io.inferencerouter.core.InferenceRouters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A real router behind the simulator's seam. */
final class RouterBalancer implements Balancer {
  private final EventLoop loop;
  private final InferenceRouter router;
  private final Map<String, Target> targets = new HashMap<>();

  RouterBalancer(Client client, EndpointSelector selector) {
    loop = client.loop();
    router =
        InferenceRouters.builder()
            .selector(selector)
            .endpoints(endpoints(client.targets()))
            .ticker(loop)
            .scheduler(loop)
            .executor(task -> loop.after(0, task))
            .random(client.random()::nextLong)
            .build();
  }

  private List<Endpoint> endpoints(List<Target> present) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Target target : present) {
      targets.put(target.id(), target);
      endpoints.add(endpoint(target.spec()));
    }
    return endpoints;
  }

  private static Endpoint endpoint(EndpointSpec spec) {
    Endpoint.Builder endpoint =
        Endpoint.builder(spec.id(), "http://" + spec.id())
            .weight(spec.weight())
            .region(spec.region());
    spec.models().forEach(endpoint::model);
    if (!spec.models().isEmpty() && spec.maxResidentModels() < spec.models().size()) {
      endpoint.maxResidentModels(spec.maxResidentModels());
    }
    return endpoint.build();
  }

  @Override
  public void route(SimulatedRequest request, List<Target> excluded, Dispatch dispatch) {
    CompletableFuture<Lease> granted;
    try {
      granted = router.acquireAsync(toInferenceRequest(request));
    } catch (InferenceRouterException refused) {
      dispatch.shed(String.valueOf(refused.getMessage()));
      return;
    }
    var unused =
        granted.whenComplete(
            (lease, refused) -> {
              try {
                decided(lease, refused, dispatch);
              } catch (RuntimeException e) {
                // The future would keep it to itself
                loop.after(
                    0,
                    () -> {
                      throw e;
                    });
              }
            });
  }

  private void decided(@Nullable Lease lease, @Nullable Throwable refused, Dispatch dispatch) {
    if (lease == null) {
      dispatch.shed(refused == null ? "no lease" : String.valueOf(refused.getMessage()));
      return;
    }
    Target target = targets.get(lease.endpoint().id());
    if (target == null) {
      throw new IllegalStateException("lease for an unknown endpoint: " + lease);
    }
    dispatch.send(target, new LeaseObserver(lease));
  }

  private static InferenceRequest toInferenceRequest(SimulatedRequest request) {
    InferenceRequest.Builder builder =
        request.model().isEmpty()
            ? InferenceRequest.forAnyModel()
            : InferenceRequest.forModel(request.model());
    builder
        .input(InputUnit.TOKENS, request.inputTokens())
        .tenant(request.tenant())
        .session(request.session())
        .priority(request.priority())
        .streaming(request.outputTokens() > 0);
    if (request.blocks().count() > 0) {
      builder.prefixKeys(request.blocks().toArray());
    }
    if (request.outputTokens() == 0) {
      builder.outputLimit(0);
    }
    if (!request.region().isEmpty()) {
      builder.allowedRegions(request.region());
    }
    return builder.build();
  }

  @Override
  public void targets(List<Target> present) {
    router.updateEndpoints(endpoints(present));
  }

  @Override
  public void close() {
    router.close();
  }

  private static final class LeaseObserver implements Observer {
    private final Lease lease;

    LeaseObserver(Lease lease) {
      this.lease = lease;
    }

    @Override
    public void firstToken() {
      lease.firstToken();
    }

    @Override
    public void progress(int outputTokens) {
      lease.progress(outputTokens);
    }

    @Override
    public void finished(int inputTokens, int cachedTokens, int outputTokens, LoadReport report) {
      lease.loadReport(report);
      lease.complete(
          Outcome.success()
              .withUsage(Usage.of(inputTokens, outputTokens).withCachedInput(cachedTokens)));
    }

    @Override
    public void failed(ServerCallback.Failure failure) {
      lease.complete(
          failure == ServerCallback.Failure.IMPOSSIBLE
              ? Outcome.rejected()
              : Outcome.serverFault());
    }

    @Override
    public void cancelled() {
      lease.complete(Outcome.cancelled());
    }
  }
}
