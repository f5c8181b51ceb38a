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
 * @param ejectedUntilNanos when an ejection ends
 * @param drained completes when a drain ends
 */
public record Member(
    Endpoint endpoint,
    EndpointState state,
    Phase phase,
    long ejectedUntilNanos,
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
    return new Member(endpoint, state, Phase.ROUTABLE, 0, new CompletableFuture<>());
  }

  /** The same member with other declarations. */
  public Member declaredAs(Endpoint changed) {
    return new Member(changed, state, phase, ejectedUntilNanos, drained);
  }

  /** The same member, taking requests; a drain that was under way is over. */
  public Member routable() {
    return new Member(endpoint, state, Phase.ROUTABLE, 0, new CompletableFuture<>());
  }

  /** The same member, taking no more requests for good. */
  public Member draining() {
    return new Member(endpoint, state, Phase.DRAINING, 0, drained);
  }

  /** The same member, taking no requests until a moment. */
  public Member ejected(long untilNanos) {
    return new Member(endpoint, state, Phase.EJECTED, untilNanos, drained);
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
    long decode = state.work.decodeWord();
    EndpointSnapshot.Builder snapshot =
        EndpointSnapshot.builder(endpoint, lifecycle())
            .inFlight(OutstandingWork.inFlight(admission))
            .reserved(
                Duration.of(OutstandingWork.inputMicros(admission), ChronoUnit.MICROS),
                Duration.of(OutstandingWork.outputMicros(decode), ChronoUnit.MICROS))
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
