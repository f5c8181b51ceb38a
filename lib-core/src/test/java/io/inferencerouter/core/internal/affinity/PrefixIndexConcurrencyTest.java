package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.InferenceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PrefixIndexConcurrencyTest {
  private static final int ROUNDS = 20_000;

  @Test
  void threadsThatRecordAndForgetNeverMakeALookupSayMoreThanWasRecorded() throws Exception {
    // Small, so that all threads fight for the same buckets.
    EndpointCaches caches = new EndpointCaches(4);
    PrefixIndex index = new PrefixIndex(caches, 128, 5);
    CountDownLatch start = new CountDownLatch(3);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<Integer>> ends = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        int slot = thread + 1;
        ends.add(
            threads.submit(
                () -> {
                  start.countDown();
                  start.await();
                  for (int round = 0; round < ROUNDS; round++) {
                    index.record(Prompts.conversation(round % 5, 10 * slot), 0, slot);
                    if (round % 100 == 0) {
                      caches.forget(slot);
                    }
                  }
                  return 0;
                }));
      }
      ends.add(
          threads.submit(
              () -> {
                start.countDown();
                start.await();
                PrefixHits hits = new PrefixHits();
                int found = 0;
                for (int round = 0; round < ROUNDS; round++) {
                  InferenceRequest asked = Prompts.conversation(round % 5, 30);
                  index.lookup(asked, 0, hits);
                  for (int i = 0; i < hits.holders(); i++) {
                    assertThat(hits.slot(i)).isBetween(1, 2);
                    assertThat(hits.blocks(i)).isBetween(1, 10 * hits.slot(i));
                    found++;
                  }
                  assertThat(hits.commonBlocks()).isZero();
                }
                return found;
              }));
      for (Future<Integer> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }

    index.record(Prompts.conversation(3, 10), 0, 1);
    PrefixHits hits = new PrefixHits();
    index.lookup(Prompts.conversation(3, 10), 0, hits);
    assertThat(hits.blocksOn(1)).isEqualTo(10);
  }
}
