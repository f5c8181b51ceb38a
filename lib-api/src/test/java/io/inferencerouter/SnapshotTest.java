package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  private static final ModelSnapshot LLAMA =
      ModelSnapshot.builder("llama", "3")
          .secondsPerUnit(0.001, 0.02)
          .concurrencyPenalty(0.05)
          .observations(12.5, 3)
          .resident(false)
          .loadTime(Duration.ofSeconds(20))
          .build();

  @Test
  void aModelTellsWhatIsBelievedOfIt() {
    assertThat(LLAMA.model()).isEqualTo("llama");
    assertThat(LLAMA.version()).isEqualTo("3");
    assertThat(LLAMA.secondsPerInputUnit()).isEqualTo(0.001);
    assertThat(LLAMA.secondsPerOutputUnit()).isEqualTo(0.02);
    assertThat(LLAMA.concurrencyPenalty()).isEqualTo(0.05);
    assertThat(LLAMA.inputObservations()).isEqualTo(12.5);
    assertThat(LLAMA.outputObservations()).isEqualTo(3);
    assertThat(LLAMA.resident()).isFalse();
    assertThat(LLAMA.loadTime()).isEqualTo(Duration.ofSeconds(20));
    assertThat(LLAMA).asString().startsWith("llama@3[").contains("not resident");
  }

  @Test
  void aModelOfWhichNothingIsSaidIsResident() {
    ModelSnapshot any = ModelSnapshot.builder("", "").build();

    assertThat(any.resident()).isTrue();
    assertThat(any.loadTime()).isZero();
    assertThat(any.inputObservations()).isZero();
    assertThat(any).asString().startsWith("any model[");
  }

  @Test
  void aLoadTimeBelowZeroIsRefused() {
    assertThatThrownBy(() -> ModelSnapshot.builder("m", "").loadTime(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loadTime: PT-1S (expected: ");
  }

  @Test
  void anEndpointKeepsItsModelsWhateverBecomesOfTheList() {
    List<ModelSnapshot> models = new ArrayList<>(List.of(LLAMA));
    EndpointSnapshot snapshot =
        EndpointSnapshot.builder(
                Endpoint.builder("gpu", "http://gpu").memoryBudget(100).build(), Lifecycle.ACTIVE)
            .models(models)
            .reservedMemory(70)
            .build();
    models.clear();

    assertThat(snapshot.models()).containsExactly(LLAMA);
    assertThat(snapshot.reservedMemory()).isEqualTo(70);
    assertThat(snapshot).asString().contains("memory 70/100");
  }

  @Test
  void anEndpointWithoutABudgetDoesNotSpeakOfMemory() {
    EndpointSnapshot idle =
        EndpointSnapshot.builder(Endpoint.of("gpu", "http://gpu"), Lifecycle.ACTIVE).build();

    assertThat(idle.reservedMemory()).isZero();
    assertThat(idle.models()).isEmpty();
    assertThat(idle).asString().doesNotContain("memory");
  }
}
