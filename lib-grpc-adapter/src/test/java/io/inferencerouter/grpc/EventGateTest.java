package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class EventGateTest {
  private final EventGate gate = new EventGate();
  private final List<Integer> told = new ArrayList<>();
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  private boolean hold(int event) {
    return gate.hold(() -> told.add(event));
  }

  @Test
  void anOpenGateHoldsNothingBack() {
    gate.open(tasks::add);
    assertThat(gate.isOpen()).isTrue();
    assertThat(hold(1)).isFalse();
    assertThat(tasks).isEmpty();
  }

  @Test
  void whatWasHeldBackComesInOrder() {
    assertThat(hold(1)).isTrue();
    assertThat(hold(2)).isTrue();
    gate.open(tasks::add);
    assertThat(told).isEmpty();
    tasks.remove().run();
    assertThat(told).containsExactly(1, 2);
    assertThat(gate.isOpen()).isTrue();
  }

  @Test
  void whatComesWhileTheOthersAreDeliveredWaitsForThem() {
    assertThat(hold(1)).isTrue();
    gate.open(tasks::add);
    assertThat(hold(2)).isTrue();
    assertThat(gate.hold(() -> assertThat(hold(4)).isTrue())).isTrue();
    assertThat(hold(3)).isTrue();
    tasks.remove().run();
    assertThat(told).containsExactly(1, 2, 3, 4);
    assertThat(hold(5)).isFalse();
  }
}
