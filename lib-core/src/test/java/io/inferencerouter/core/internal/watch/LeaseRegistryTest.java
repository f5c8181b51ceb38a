package io.inferencerouter.core.internal.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.Lease;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.core.LeakPolicy;
import io.inferencerouter.core.StallPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever joins is found until it has ended, however many there are. */
class LeaseRegistryTest {
  private final InferenceRouter router =
      InferenceRouters.builder()
          .stalls(StallPolicy.none())
          .leaks(LeakPolicy.none())
          .endpoint(Endpoint.builder("a", "http://a").maxConcurrency(30_000).build())
          .build();
  private final LeaseRegistry registry = new LeaseRegistry(false);

  @AfterEach
  void close() {
    router.close();
  }

  private Watched lease() {
    return (Watched) router.acquire(InferenceRequest.forAnyModel().build());
  }

  private Set<Lease> found() {
    Set<Lease> found = Collections.newSetFromMap(new IdentityHashMap<>());
    registry.visit((table, place, lease) -> assertThat(found.add(lease)).as("twice").isTrue());
    return found;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyLeaseThatIsOutIsFoundOnceAndNoOther(boolean withoutChance) {
    SplittableRandom chance = new SplittableRandom(3);
    LongSupplier random = withoutChance ? () -> 0 : chance::nextLong;
    List<Watched> out = new ArrayList<>();
    for (int step = 0; step < 6_000; step++) {
      if (out.isEmpty() || chance.nextInt(3) != 0) {
        Watched lease = lease();
        registry.add(lease, random.getAsLong());
        out.add(lease);
      } else {
        out.remove(chance.nextInt(out.size())).close();
      }
    }

    assertThat(found()).hasSameElementsAs(out);
    assertThat(registry.size()).isLessThanOrEqualTo(8 * out.size());
    out.forEach(Lease::close);
    assertThat(registry.isInUse()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100_000})
  void whoComesAndGoesNeedsNoMorePlaces(int streams) {
    for (int i = 0; i < streams; i++) {
      Watched lease = lease();
      registry.add(lease, i);
      lease.close();
    }
    assertThat(registry.size()).isEqualTo(256);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void noLeaseIsLostAmongManyThreads(int threads) throws InterruptedException {
    int each = 1_500;
    List<List<Watched>> kept = new ArrayList<>();
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<Watched> mine = new ArrayList<>();
      kept.add(mine);
      long seed = t;
      Thread worker =
          new Thread(
              () -> {
                SplittableRandom random = new SplittableRandom(seed);
                await(begin);
                for (int i = 0; i < each; i++) {
                  Watched lease = lease();
                  registry.add(lease, random.nextLong());
                  if (i % 3 == 0) {
                    lease.close();
                  } else {
                    mine.add(lease);
                  }
                }
              });
      worker.start();
      workers.add(worker);
    }
    begin.countDown();
    boolean busy = true;
    while (busy) { // sweeps all the while
      registry.sweep((table, place, lease) -> assertThat(lease).isNotNull());
      busy = workers.stream().anyMatch(Thread::isAlive);
    }
    for (Thread worker : workers) {
      worker.join();
    }

    List<Watched> all = kept.stream().flatMap(List::stream).toList();
    assertThat(found()).hasSize(all.size()).containsAll(all);
    all.forEach(Lease::close);
    assertThat(found()).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
