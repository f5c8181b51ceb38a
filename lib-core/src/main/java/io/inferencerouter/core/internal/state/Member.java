package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointSnapshot;
import io.inferencerouter.Lifecycle;
import io.inferencerouter.LoadReport;
import io.inferencerouter.ModelSnapshot;
import io.inferencerouter.ServedModel;
import io.inferencerouter.core.internal.state.EndpointState.ServedAs;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint in a {@link Fleet}: what is declared, its living state, and whether it takes
 * requests. Immutable.
 *
 * @param phase whether it takes requests
 * @param ejection why it takes no requests for now, if that is so
 * @param drained completes when a drain ends
 */
public record Member(
    Endpoint endpoint,
    EndpointState state,
    Phase phase,
    @Nullable Ejection ejection,
    CompletableFuture<@Nullable Void> drained) {

  /** Whether an endpoint takes requests. */
  public enum Phase {
    /** It does; whether it is warm is a matter of its state. */
    ROUTABLE,
    /** Not now. */
    EJECTED,
    /** Not any more. */
    DRAINING
  }

  /**
   * An endpoint that has just joined.
   *
   * @param cacheSlot a number that no other member has
   */
  public static Member joining(Endpoint endpoint, int cacheSlot) {
    EndpointState state = new EndpointState(cacheSlot);
    state.declared(endpoint);
    return new Member(endpoint, state, Phase.ROUTABLE, null, new CompletableFuture<>());
  }

  /** The same member with other declarations. */
  public Member declaredAs(Endpoint changed) {
    return new Member(changed, state, phase, ejection, drained);
  }

  /** The same member, taking requests; a drain that was under way is over. */
  public Member routable() {
    return new Member(endpoint, state, Phase.ROUTABLE, null, new CompletableFuture<>());
  }

  /** The same member, taking no more requests for good. */
  public Member draining() {
    return new Member(endpoint, state, Phase.DRAINING, null, drained);
  }

  /** The same member, taking no requests for now; an ejection that was under way goes on, too. */
  public Member ejected(Ejection added) {
    Ejection both = ejection == null ? added : ejection.and(added);
    return new Member(endpoint, state, Phase.EJECTED, both, drained);
  }

  /** The same member, ejected for no longer than it has to be. */
  public Member ejectedNoLonger(long nowNanos) {
    Ejection shorter = ejection == null ? null : ejection.shortened(nowNanos);
    return new Member(endpoint, state, phase, shorter, drained);
  }

  /** Whether it serves a model by name; whoever declares none serves all. */
  public boolean serves(String model) {
    return model.isEmpty()
        || endpoint.models().isEmpty()
        || endpoint.models().stream().anyMatch(served -> served.name().equals(model));
  }

  /** Whether there is a model that both serve. */
  public boolean servesAlike(Endpoint other) {
    return endpoint.models().isEmpty()
        || other.models().isEmpty()
        || other.models().stream().anyMatch(served -> serves(served.name()));
  }

  /** Whether it takes requests. */
  public boolean isRoutable() {
    return phase == Phase.ROUTABLE;
  }

  /** The stage of life it is in. */
  public Lifecycle lifecycle() {
    return switch (phase) {
      case EJECTED -> Lifecycle.EJECTED;
      case DRAINING -> Lifecycle.DRAINING;
      case ROUTABLE -> state.work.isWarm() ? Lifecycle.ACTIVE : Lifecycle.WARMING;
    };
  }

  /** Its state as of now. */
  public EndpointSnapshot snapshot(long nowNanos) {
    long admission = state.work.admissionWord();
    long generation = state.work.generationWord();
    EndpointSnapshot.Builder snapshot =
        EndpointSnapshot.builder(endpoint, lifecycle())
            .inFlight(OutstandingWork.inFlight(admission))
            .reserved(
                Duration.of(OutstandingWork.inputMicros(admission), ChronoUnit.MICROS),
                Duration.of(Generation.outputMicros(generation), ChronoUnit.MICROS))
            .reservedMemory(state.memory.reserved())
            .errorLevel(state.work.errorLevel(nowNanos))
            .models(models());
    LoadReport report = state.loadReport();
    if (report != null) {
      snapshot.loadReport(report);
    }
    return snapshot.build();
  }

  private List<ModelSnapshot> models() {
    Map<ServedAs, ModelService> services = state.services();
    List<ModelSnapshot> models = new ArrayList<>();
    for (ServedModel declared : endpoint.models()) {
      ModelService service = services.get(ServedAs.of(declared));
      if (service != null) {
        models.add(service.snapshot(declared.name(), declared.version()));
      }
    }
    ModelService undeclared = services.get(ServedAs.ANY_MODEL);
    if (undeclared != null && (endpoint.models().isEmpty() || undeclared.isObserved())) {
      models.add(undeclared.snapshot("", ""));
    }
    return models;
  }
}
