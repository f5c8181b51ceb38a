package io.inferencerouter.benchmarks.simulation.policy.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import io.inferencerouter.benchmarks.simulation.policy.classic.Rig.Sent;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrequalTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long ROUND_TRIP = 2 * FakeServer.NETWORK_NANOS;

  @Test
  void itAvoidsHotEndpoints() {
    Rig rig = Rig.of(10).start(Prequal.policy());
    rig.servers.get(4).running = 50;
    int[] shares = drive(rig, 1_000, 10 * MILLISECOND);
    assertThat(shares[4]).as("a tenth of the fleet").isLessThan(10);
  }

  @Test
  void amongColdEndpointsItTakesTheFastestAlthoughMoreIsInFlightThere() {
    Rig rig = Rig.of(4).start(Prequal.policy());
    SplittableRandom random = new SplittableRandom(1);
    int[] shares = new int[4];
    for (int i = 0; i < 1_000; i++) {
      for (FakeServer server : rig.servers) {
        server.running = random.nextInt(10, 20);
      }
      Sent sent = rig.send();
      int index = sent.target().index();
      shares[index] += i < 100 ? 0 : 1;
      rig.advance((index == 2 ? 20 : 60) * MILLISECOND);
      sent.finish();
    }
    assertThat(shares[2]).isGreaterThan(500);
  }

  @Test
  void itDrawsAtRandomUntilProbesHaveComeBack() {
    Rig rig = Rig.of(10).start(Prequal.policy());
    for (FakeServer server : rig.servers) {
      server.running = server.spec().id().equals("endpoint-0") ? 0 : 50;
    }
    int[] shares = new int[10];
    for (int i = 0; i < 1_000; i++) {
      shares[rig.send().target().index()]++;
    }
    assertThat(shares[9]).as("no time has passed").isBetween(60, 140);
    rig.advance(ROUND_TRIP - 1);
    for (int i = 0; i < 1_000; i++) {
      shares[rig.send().target().index()]++;
    }
    assertThat(shares[9]).as("the answers are on their way").isBetween(140, 260);
    rig.advance(1);
    assertThat(rig.send().target().index()).as("a round trip later").isZero();
  }

  @Test
  void probesOfASecondAgoAreNotBelieved() {
    ProbePool pool = pool(4);
    pool.add(0, 1, 10, 0, new SplittableRandom(1));
    pool.add(1, 1, 20, 600 * MILLISECOND, new SplittableRandom(1));
    pool.expire(1_000 * MILLISECOND);
    assertThat(pool.count()).isEqualTo(2);
    pool.expire(1_001 * MILLISECOND);
    assertThat(pool.count()).isEqualTo(1);
    assertThat(pool.take()).as("one probe is not enough").isEqualTo(ProbePool.NONE);
  }

  @Test
  void aPoolHoldsOneProbeOfAnEndpointAndSixteenInAll() {
    SplittableRandom random = new SplittableRandom(1);
    ProbePool pool = pool(40);
    pool.add(0, 1, 10, 0, random);
    pool.add(0, 2, 20, 1, random);
    assertThat(pool.count()).isEqualTo(1);
    for (int i = 1; i < 40; i++) {
      pool.add(i, 1, 1_000 - i, 1 + i, random);
    }
    assertThat(pool.count()).isEqualTo(ProbePool.CAPACITY);
    assertThat(pool.take()).as("the fastest of the newest").isEqualTo(39);
  }

  @Test
  void aRequestIsCountedOntoItsProbe() {
    SplittableRandom random = new SplittableRandom(1);
    ProbePool pool = pool(2);
    for (int i = 0; i < 20; i++) {
      pool.distribution.add(1);
    }
    pool.add(0, 1, 10, 0, random);
    pool.add(1, 1, 20, 0, random);
    assertThat(pool.take()).as("cold and fast").isZero();
    assertThat(pool.take()).as("the first is hot now").isEqualTo(1);
    assertThat(pool.take()).as("both are hot with the same number: the fast one").isZero();
    assertThat(pool.take()).as("the one with fewer").isEqualTo(1);
  }

  @Test
  void theOldestAndTheWorstProbeAreRemovedByTurns() {
    SplittableRandom random = new SplittableRandom(1);
    ProbePool pool = pool(20);
    for (int i = 0; i < 60; i++) {
      pool.distribution.add(3);
    }
    pool.add(0, 1, 1, 0, random);
    pool.add(1, 9, 2, 1, random);
    pool.add(2, 2, 3, 2, random);
    pool.add(3, 2, 4, 3, random);
    pool.removeOne();
    assertThat(pool.count()).isEqualTo(3);
    pool.removeOne();
    assertThat(pool.take()).as("0 was the oldest, 1 the hottest").isEqualTo(2);
    assertThat(pool.take()).isNotIn(0, 1);
  }

  @Test
  void aProbeServesAsManyRequestsAsThePaperSays() {
    assertThat(Prequal.uses(100)).isCloseTo(1.316, within(0.001));
    assertThat(Prequal.uses(64)).isEqualTo(1.6);
    assertThat(Prequal.uses(100_000)).isCloseTo(1, within(0.001));
    assertThat(Prequal.uses(16)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aServerEstimatesItsLatencyFromAnswersThatBeganAtAboutTheSameLoad() {
    ReplicaLatency latency = new ReplicaLatency();
    assertThat(latency.estimate(3)).isZero();
    for (int i = 0; i < 20; i++) {
      latency.record(2, 100 + i);
      latency.record(30, 5_000 + i);
    }
    assertThat(latency.estimate(2)).isBetween(105L, 115L);
    assertThat(latency.estimate(4)).isBetween(105L, 115L);
    assertThat(latency.estimate(60)).isBetween(5_005L, 5_015L);
    for (int i = 0; i < 64; i++) {
      latency.record(2, 9_000);
    }
    assertThat(latency.estimate(2)).as("only the last answers count").isEqualTo(9_000);
  }

  @Test
  void theQuantileIsThatOfTheLastProbes() {
    RifDistribution distribution = new RifDistribution();
    assertThat(distribution.quantile(0.5)).isEqualTo(Integer.MAX_VALUE);
    SplittableRandom random = new SplittableRandom(5);
    int[] all = new int[1_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = random.nextInt(40);
      distribution.add(all[i]);
      int[] last = Arrays.copyOfRange(all, Math.max(0, i - 127), i + 1);
      Arrays.sort(last);
      int rank = (int) Math.ceil(0.84 * last.length) - 1;
      assertThat(distribution.quantile(0.84)).isEqualTo(last[rank]);
    }
  }

  @Test
  void aClientWithoutRequestsKeepsItsPoolFreshForAWhile() {
    for (int idle = 0; idle < 3; idle++) {
      Rig rig = Rig.of(3).start(Prequal.policy(), idle);
      drive(rig, 30, 10 * MILLISECOND);
      rig.advance(20 * Rig.SECOND);
      for (int i = 0; i < 3; i++) {
        rig.servers.get(i).running = i == idle ? 1 : 40;
      }
      rig.advance(2 * Rig.SECOND);
      assertThat(rig.send().target().index()).as("after an idle time").isEqualTo(idle);
      assertThat(rig.runsDry()).as("it falls asleep").isTrue();
    }
  }

  /** Requests that each take a fixed time, one after the other. */
  private static int[] drive(Rig rig, int requests, long nanos) {
    int[] shares = new int[rig.targets.size()];
    for (int i = 0; i < requests; i++) {
      Sent sent = rig.send();
      shares[sent.target().index()]++;
      rig.advance(nanos);
      sent.finish();
    }
    return shares;
  }

  private static ProbePool pool(int endpoints) {
    return new ProbePool(Rig.of(endpoints).targets.toArray(Target[]::new), 0, Integer.MAX_VALUE);
  }
}
