package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class InferenceRequestTest {
  @Test
  void everyFieldIsKeptAndARebuiltRequestIsEqual() {
    InferenceRequest request =
        InferenceRequest.forModel("llama")
            .modelVersion("3.1")
            .tenant("acme")
            .task("chat")
            .session("s-1")
            .prefixKeys(1, 2, 3)
            .input(InputUnit.TOKENS, 10)
            .input(InputUnit.IMAGES, 2)
            .outputLimit(20)
            .priority(Priority.CRITICAL)
            .allowedRegions("eu", "ch")
            .fallbackModels("llama-small", "llama-tiny")
            .deadline(Duration.ofSeconds(30))
            .maxQueueTime(Duration.ofSeconds(1))
            .streaming(true)
            .idempotent(true)
            .replayable(true)
            .hedgeable(true)
            .build();

    assertThat(request.model()).isEqualTo("llama");
    assertThat(request.modelVersion()).isEqualTo("3.1");
    assertThat(request.tenant()).isEqualTo("acme");
    assertThat(request.task()).isEqualTo("chat");
    assertThat(request.session()).isEqualTo("s-1");
    assertThat(request.prefixKeyCount()).isEqualTo(3);
    assertThat(request.prefixKey(2)).isEqualTo(3);
    assertThat(request.input(InputUnit.TOKENS)).isEqualTo(10);
    assertThat(request.hasInput(InputUnit.PAGES)).isFalse();
    assertThat(request.input(InputUnit.PAGES)).isZero();
    assertThat(request.outputLimit()).isEqualTo(20);
    assertThat(request.priority()).isEqualTo(Priority.CRITICAL);
    assertThat(request.allowedRegions()).containsExactlyInAnyOrder("eu", "ch");
    assertThat(request.fallbackModels()).containsExactly("llama-small", "llama-tiny");
    assertThat(request.deadline()).contains(Duration.ofSeconds(30));
    assertThat(request.maxQueueTime()).contains(Duration.ofSeconds(1));
    assertThat(request.streaming()).isTrue();
    assertThat(request.idempotent()).isTrue();
    assertThat(request.replayable()).isTrue();
    assertThat(request.hedgeable()).isTrue();
    assertThat(request.toBuilder().build()).isEqualTo(request).hasSameHashCodeAs(request);
  }

  @Test
  void aBuilderThatIsUsedOnDoesNotChangeWhatItBuiltBefore() {
    long[] keys = {1, 2};
    InferenceRequest.Builder builder = InferenceRequest.forModel("m").prefixKeys(keys);
    InferenceRequest first = builder.build();

    keys[0] = 99;
    builder.input(InputUnit.BYTES, 5).outputLimit(1);

    assertThat(first.prefixKey(0)).isEqualTo(1);
    assertThat(first.hasInput(InputUnit.BYTES)).isFalse();
    assertThat(first.outputLimit()).isEqualTo(InferenceRequest.NO_LIMIT);
  }

  @Property
  void aSizeOutOfRangeIsRefusedAndOneInRangeKept(@ForAll long size) {
    InferenceRequest.Builder builder = InferenceRequest.forModel("m");
    if (size >= 0 && size <= InferenceRequest.MAX_SIZE) {
      assertThat(builder.input(InputUnit.TOKENS, size).build().input(InputUnit.TOKENS))
          .isEqualTo(size);
    } else {
      assertThatThrownBy(() -> builder.input(InputUnit.TOKENS, size))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("input TOKENS: " + size + " (expected: 0 to 1099511627776)");
      assertThatThrownBy(() -> builder.outputLimit(size))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Property
  void everySizeInRangeIsKept(
      @ForAll @LongRange(min = 0, max = InferenceRequest.MAX_SIZE) long size) {
    InferenceRequest request = InferenceRequest.forModel("m").outputLimit(size).build();

    assertThat(request.outputLimit()).isEqualTo(size);
  }

  @Test
  void namesWithLineBreaksAreRefused() {
    InferenceRequest.Builder builder = InferenceRequest.forModel("m");

    assertThatThrownBy(() -> InferenceRequest.forModel("m\r\nX: 1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("control character U+000D at 1");
    assertThatThrownBy(() -> builder.tenant("a\nb")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.task("a\nb")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.session("a\rb")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.modelVersion("\u0007"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.allowedRegions("eu", "us\n"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.fallbackModels(""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void absurdTimesAreRefused() {
    InferenceRequest.Builder builder = InferenceRequest.forModel("m");

    assertThatThrownBy(() -> builder.deadline(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.deadline(Duration.ofSeconds(Long.MAX_VALUE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.maxQueueTime(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theTextForLogsLeavesTheSessionOut() {
    InferenceRequest request =
        InferenceRequest.forModel("m").session("private").input(InputUnit.TOKENS, 3).build();

    assertThat(request.toString()).isEqualTo("InferenceRequest[m, STANDARD, 3 TOKENS]");
  }

  @Test
  void tasksTellRequestsApart() {
    InferenceRequest.Builder builder = InferenceRequest.forModel("m");
    InferenceRequest without = builder.build();
    InferenceRequest chat = builder.task("chat").build();

    assertThat(without.task()).isEmpty();
    assertThat(chat).isNotEqualTo(without).isNotEqualTo(builder.task("rerank").build());
    assertThat(chat.toString()).isEqualTo("InferenceRequest[m, task chat, STANDARD]");
    assertThatThrownBy(() -> builder.task("x".repeat(1025)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("task: 1025 characters");
  }

  @Test
  void theModelCanBeReplacedAndNothingElseChanges() {
    InferenceRequest request = InferenceRequest.forModel("a").tenant("t").outputLimit(7).build();
    assertThat(request.toBuilder().model("b").build())
        .isEqualTo(InferenceRequest.forModel("b").tenant("t").outputLimit(7).build());
    assertThat(request.toBuilder().model("").build())
        .isEqualTo(InferenceRequest.forAnyModel().tenant("t").outputLimit(7).build());
    assertThat(request.model()).isEqualTo("a");
    assertThatThrownBy(() -> request.toBuilder().model("a\nb"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model: control character");
  }
}
