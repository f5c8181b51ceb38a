package io.inferencerouter.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.HardwareProfile;
import io.inferencerouter.examples.demo.scenario.FailingServer;
import io.inferencerouter.examples.loopback.Served;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private final BlockingQueue<String> done = new LinkedBlockingQueue<>();
  private final RecordedServer slow = new RecordedServer("slow");
  private final RecordedServer dead = new RecordedServer("dead");
  private final FaultPlan plan = new FaultPlan(slow, dead);

  @Test
  void faultsComeInOrderAndAreUndoneAtTheEnd() throws Exception {
    FaultPlan.UnderWay run = plan.start(Duration.ofMillis(40), this::takeOut);
    for (String expected : List.of("slow 4.0", "dead dies", "slow is taken out", "dead is back")) {
      assertThat(done.poll(1, TimeUnit.MINUTES)).isEqualTo(expected);
    }
    run.close();

    assertThat(done).containsExactly("slow 1.0", "dead is back");
  }

  @Test
  void aFaultThatCannotBeBroughtAboutFailsTheRun() throws Exception {
    dead.broken = new IllegalStateException("immortal");
    FaultPlan.UnderWay run = plan.start(Duration.ofMillis(40), this::takeOut);
    for (int i = 0; i < 3; i++) {
      assertThat(done.poll(1, TimeUnit.MINUTES)).isNotNull();
    }

    assertThatThrownBy(run::close).isInstanceOf(IOException.class).hasRootCauseMessage("immortal");
    assertThat(done).containsExactly("slow 1.0", "dead is back");
  }

  @Test
  void aRunThatIsOverBeforeItsFaultsHasShownNothing() {
    FaultPlan.UnderWay run = plan.start(Duration.ofDays(1), this::takeOut);

    assertThatThrownBy(run::close)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected: more requests");
    assertThat(done).containsExactly("slow 1.0", "dead is back");
  }

  @Test
  void thePlanSaysWhatWillHappen() {
    assertThat(plan.description())
        .isEqualTo(
            "after 50 % of the time slow takes 4 times longer and dead dies; after 75 % slow is"
                + " taken out of service and dead comes back");
  }

  private void takeOut(String name) {
    done.add(name + " is taken out");
  }

  private final class RecordedServer implements FailingServer {
    private final String name;
    @Nullable RuntimeException broken;

    RecordedServer(String name) {
      this.name = name;
    }

    @Override
    public void slowDown(double factor) {
      done.add(name + " " + factor);
    }

    @Override
    public void kill() {
      if (broken != null) {
        throw broken;
      }
      done.add(name + " dies");
    }

    @Override
    public void restart() {
      done.add(name + " is back");
    }

    @Override
    public void awaitIdle() {}

    @Override
    public String name() {
      return name;
    }

    @Override
    public String model() {
      return "model";
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public HardwareProfile profile() {
      return HardwareProfile.builder(1, 1).build();
    }

    @Override
    public URI uri() {
      return URI.create("http://" + name);
    }

    @Override
    public List<Served> takeServed() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
