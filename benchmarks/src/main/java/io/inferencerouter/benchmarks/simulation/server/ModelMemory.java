package io.inferencerouter.benchmarks.simulation.server;

import io.inferencerouter.benchmarks.simulation.server.ModelQueue.Residency;
import io.inferencerouter.benchmarks.simulation.time.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The queue of an endpoint, by model, and which models are in its memory.
 *
 * <p>Of all that wait for models in memory the first come goes first. A model that is waited for is
 * loaded, one at a time; meanwhile others go on. If there is no room, the model used longest ago
 * makes it: it still takes what waits for it at that moment, and leaves when it runs nothing.
 * Requests without a model need none.
 */
final class ModelMemory<R extends ServedRequest> {
  /** Half of all loads take less. */
  static final double LOAD_P50_NANOS = 22.7e9;

  /** One load in a hundred takes more. */
  static final double LOAD_P99_NANOS = 52e9;

  private static final LogNormal LOAD = LogNormal.ofQuantiles(LOAD_P50_NANOS, LOAD_P99_NANOS);
  private static final double MEAN_LOAD_NANOS = LOAD.mean();

  private final Set<String> served;
  private final int room;
  private final EventLoop loop;
  private final RandomGenerator random;
  private final Runnable onLoaded;
  private final Map<String, ModelQueue<R>> queues = new HashMap<>();
  private final List<ModelQueue<R>> all = new ArrayList<>();
  private final List<ModelQueue<R>> resident = new ArrayList<>();
  private final Deque<ModelQueue<R>> wanted = new ArrayDeque<>();
  private final ModelQueue<R> withoutModel = new ModelQueue<>();

  private @Nullable ModelQueue<R> loading;
  private double loadedAt;
  private @Nullable ModelQueue<R> leaving;
  private long leavingFrom;
  private long afterLast;
  private int waiting;
  private long uses;
  private long stays;
  private long loads;
  private long lives;

  ModelMemory(
      List<String> models, int room, EventLoop loop, RandomGenerator random, Runnable onLoaded) {
    this.served = Set.copyOf(models);
    this.room = room;
    this.loop = loop;
    this.random = random;
    this.onLoaded = onLoaded;
    all.add(withoutModel);
    withoutModel.residency = Residency.RESIDENT;
    withoutModel.stay = 0;
    for (String model : models) {
      if (resident.size() < room) {
        moveIn(queue(model));
      }
    }
  }

  boolean serves(String model) {
    return model.isEmpty() || served.isEmpty() || served.contains(model);
  }

  /** How many wait. */
  int waiting() {
    return waiting;
  }

  /** How often a model was brought into memory. */
  long loads() {
    return loads;
  }

  /** Tells the stay in memory of a model that is there now from all others. */
  long stay(String model) {
    return queue(model).stay;
  }

  void add(R request) {
    ModelQueue<R> queue = queue(request.request.model());
    queue.addLast(request);
    waiting++;
    afterLast = request.order + 1;
    if (queue.residency == Residency.ABSENT) {
      want(queue);
    }
  }

  /** Puts one back that was running. */
  void putBack(R request) {
    queue(request.request.model()).addFirst(request);
    waiting++;
  }

  /** One that waits is gone. */
  void gaveUp(R request) {
    queue(request.request.model()).gaveUp();
    waiting--;
    makeRoom();
  }

  /** The one whose turn it is. */
  @Nullable R next() {
    ModelQueue<R> best = withoutModel;
    long order = best.firstOrder();
    for (int i = 0; i < resident.size(); i++) {
      ModelQueue<R> queue = resident.get(i);
      long first = queue.firstOrder();
      if (first < order && (queue != leaving || first < leavingFrom)) {
        best = queue;
        order = first;
      }
    }
    return best.first();
  }

  /** Lets the one whose turn it is run. */
  void start(R request) {
    ModelQueue<R> queue = queue(request.request.model());
    queue.removeFirst();
    waiting--;
    queue.running++;
    queue.lastUsed = ++uses;
  }

  /** One that ran runs no more. */
  void ended(R request) {
    ModelQueue<R> queue = queue(request.request.model());
    queue.running--;
    if (queue == leaving) {
      makeRoom();
    }
  }

  /** How long a request of a model has to wait for it to be loaded, as far as can be known. */
  double untilLoaded(String model) {
    ModelQueue<R> queue = queues.get(model);
    if (model.isEmpty() || (queue != null && queue.residency == Residency.RESIDENT)) {
      return 0;
    }
    double first = loading == null ? 0 : Math.max(0, loadedAt - (double) loop.nanos());
    if (queue != null && queue == loading) {
      return first;
    }
    int before = queue != null && queue.residency == Residency.WANTED ? 0 : wanted.size();
    return first + MEAN_LOAD_NANOS * (before + 1);
  }

  /** Forgets everything, the models in memory too. */
  void clear(List<R> lost) {
    for (ModelQueue<R> queue : all) {
      queue.drainTo(lost);
      queue.running = 0;
      if (queue != withoutModel) {
        queue.stay = ModelQueue.NEVER_STAYED;
        queue.residency = Residency.ABSENT;
      }
    }
    resident.clear();
    wanted.clear();
    loading = null;
    leaving = null;
    waiting = 0;
    lives++;
  }

  private ModelQueue<R> queue(String model) {
    if (model.isEmpty()) {
      return withoutModel;
    }
    ModelQueue<R> queue = queues.get(model);
    if (queue == null) {
      queue = new ModelQueue<>();
      queues.put(model, queue);
      all.add(queue);
    }
    return queue;
  }

  private void want(ModelQueue<R> queue) {
    queue.residency = Residency.WANTED;
    wanted.addLast(queue);
    makeRoom();
  }

  /** Begins to load what is wanted, or to make room for it. */
  private void makeRoom() {
    while (loading == null && !wanted.isEmpty()) {
      ModelQueue<R> next = wanted.getFirst();
      if (next.size() == 0) {
        next.residency = Residency.ABSENT;
        wanted.removeFirst();
        leaving = null;
      } else if (resident.size() < room) {
        wanted.removeFirst();
        load(next);
      } else {
        if (leaving == null) {
          leaving = usedLongestAgo();
          leavingFrom = afterLast;
        }
        if (leaving.running > 0 || leaving.firstOrder() < leavingFrom) {
          return;
        }
        moveOut(leaving);
      }
    }
  }

  private ModelQueue<R> usedLongestAgo() {
    ModelQueue<R> best = resident.get(0);
    for (ModelQueue<R> queue : resident) {
      boolean idle = queue.running == 0 && queue.size() == 0;
      boolean bestIdle = best.running == 0 && best.size() == 0;
      if (idle == bestIdle ? queue.lastUsed < best.lastUsed : idle) {
        best = queue;
      }
    }
    return best;
  }

  private void moveOut(ModelQueue<R> queue) {
    resident.remove(queue);
    leaving = null;
    queue.stay = ModelQueue.NEVER_STAYED;
    queue.residency = Residency.ABSENT;
    if (queue.size() > 0) {
      queue.residency = Residency.WANTED;
      wanted.addLast(queue);
    }
  }

  private void load(ModelQueue<R> queue) {
    queue.residency = Residency.LOADING;
    loading = queue;
    double nanos = LOAD.draw(random);
    loadedAt = (double) loop.nanos() + nanos;
    long life = lives;
    loop.after((long) nanos, () -> loaded(queue, life));
  }

  private void loaded(ModelQueue<R> queue, long life) {
    if (life != lives) {
      return;
    }
    loading = null;
    loads++;
    moveIn(queue);
    makeRoom();
    onLoaded.run();
  }

  private void moveIn(ModelQueue<R> queue) {
    queue.residency = Residency.RESIDENT;
    queue.stay = ++stays;
    queue.lastUsed = ++uses;
    resident.add(queue);
  }
}
