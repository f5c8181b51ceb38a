package io.inferencerouter.core.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SerialLoopTest {
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void aTaskThatThrowsIsRunAgainForThoseWhoAskedMeanwhileAndForThoseWhoAskLater() {
    AtomicReference<SerialLoop> itself = new AtomicReference<>();
    SerialLoop loop =
        new SerialLoop(
            () -> {
              if (runs.incrementAndGet() == 1) {
                itself.get().run();
                throw new IllegalStateException("first");
              }
            });
    itself.set(loop);

    assertThatThrownBy(loop::run).hasMessage("first");
    assertThat(runs).hasValue(2);
    loop.run();
    assertThat(runs).hasValue(3);
  }
}
