package io.inferencerouter.core.internal.state;

import io.inferencerouter.Endpoint;
import io.inferencerouter.LoadReport;
import io.inferencerouter.Revocation;
import io.inferencerouter.ServedModel;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What outlives every change of the set of endpoints: the living state of one endpoint, from
 * joining to removal.
 *
 * <p>What is declared about an endpoint is in {@link Member}, and may change while the state stays.
 */
public final class EndpointState {
  /** What picks read and requests change. */
  public final OutstandingWork work = new OutstandingWork();

  /** The memory that requests have reserved. */
  public final ReservedMemory memory = new ReservedMemory();

  /** Its slow start. */
  public final Warmup warmup = new Warmup();

  /** A model as it is declared; the name is empty for whatever the endpoint does not declare. */
  public record ServedAs(String model, String version) {
    static final ServedAs ANY_MODEL = new ServedAs("", "");

    static ServedAs of(ServedModel model) {
      return new ServedAs(model.name(), model.version());
    }
  }

  /** The number that stands for its cache; see {@link #cache}. */
  public final int cacheSlot;

  private volatile Object cache = new Object();
  private volatile Beginning beginning = new Beginning(0, 0);
  private volatile long memoryBudget;
  private final Map<ServedAs, ModelService> services = new ConcurrentHashMap<>();
  private volatile @Nullable LoadReport loadReport;

  /**
   * Written under the membership's lock. Volatile, for whoever withdraws it says so first and then
   * looks at the leases, and a lease whose transport begins to listen does it the other way round.
   */
  private volatile @Nullable Revocation withdrawn;

  EndpointState(int cacheSlot) {
    this.cacheSlot = cacheSlot;
  }

  /**
   * What had been counted when the endpoint began, or began anew; another object each time.
   *
   * @param answers the count of answers then
   * @param failures the count of failures then
   */
  public record Beginning(int answers, int failures) {}

  /** When it began, or began anew. */
  public Beginning beginning() {
    return beginning;
  }

  /** What stands for the contents of its cache: another object after a restart. */
  public Object cache() {
    return cache;
  }

  /** The memory it declares. */
  public long memoryBudget() {
    return memoryBudget;
  }

  /** The endpoint as the server of a model, as it is declared now. */
  ModelService service(String model, String version, ServiceRates declared, double loadSeconds) {
    ModelService service =
        services.computeIfAbsent(
            new ServedAs(model, version), key -> new ModelService(declared, loadSeconds));
    service.declare(declared, loadSeconds);
    return service;
  }

  /** Whether what is under way is for this service, as nothing is known to go to another one. */
  boolean worksFor(ModelService service) {
    return OutstandingWork.inFlight(work.admissionWord()) > 0
        && services.values().stream().allMatch(each -> each == service || !each.isObserved());
  }

  /** The endpoint as the server of each model that it was asked to be considered for. */
  public Map<ServedAs, ModelService> services() {
    return Collections.unmodifiableMap(services);
  }

  /** Takes note of what is declared now; models that are no longer declared are forgotten. */
  public void declared(Endpoint endpoint) {
    memoryBudget = endpoint.memoryBudget();
    List<ServedModel> models = endpoint.models();
    services
        .keySet()
        .removeIf(
            served ->
                !served.model().isEmpty()
                    && models.stream().map(ServedAs::of).noneMatch(served::equals));
  }

  /** Notes that nothing in its memory can be counted on: it may have been restarted. */
  public void restarted(long nowNanos) {
    work.disregardBefore(nowNanos);
    work.cool();
    beginning = new Beginning(AnswerTally.count(work.answersWord()), work.failures());
    cache = new Object();
    services.values().forEach(service -> service.residency.unloaded());
  }

  /**
   * Notes that a model is asked for, where the endpoint holds only so many at a time: the one that
   * was not asked for longest makes room.
   *
   * @param limit how many models the endpoint holds
   */
  public void use(ModelService asked, int limit, long nowNanos) {
    boolean wasResident = asked.residency.isResident();
    asked.residency.used(nowNanos);
    if (!wasResident) {
      makeRoom(asked, limit);
    }
  }

  /**
   * Makes room for a model. To be called before it is loaded, and after that once more, as others
   * may have been loaded at the same time.
   *
   * @param limit how many models the endpoint holds
   */
  public void makeRoom(ModelService asked, int limit) {
    int resident = 0;
    ModelService oldest = null;
    for (ModelService service : services.values()) {
      if (service != asked && service.residency.isResident() && service.residency.isLoadable()) {
        resident++;
        if (oldest == null
            || service.residency.lastUsedNanos() - oldest.residency.lastUsedNanos() < 0) {
          oldest = service;
        }
      }
    }
    if (oldest != null && resident >= limit) {
      oldest.residency.unloaded();
    }
  }

  /** Why attempts on it are taken back; null while they are not. */
  public @Nullable Revocation withdrawn() {
    return withdrawn;
  }

  /**
   * From now on, attempts that are on it are taken back. To be called when it admits no more.
   *
   * @return whether that is news
   */
  public boolean withdraw(Revocation why) {
    boolean isNews = withdrawn == null;
    if (isNews) {
      withdrawn = why;
    }
    return isNews;
  }

  /** Attempts can stay again. To be called before it admits any. */
  public void restored() {
    withdrawn = null;
  }

  /** What the endpoint last said of its own load. */
  public @Nullable LoadReport loadReport() {
    return loadReport;
  }

  /** Notes what it says of its own load; the newest report replaces the one before. */
  public void report(LoadReport report) {
    loadReport = report;
  }
}
