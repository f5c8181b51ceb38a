package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.RouterListener;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

class ClassifierIsolationTest extends RoutedTest {
  private final List<FaultIsolated> heard = new ArrayList<>();
  private final RouterListener listener =
      new RouterListener() {
        @Override
        public void faultIsolated(FaultIsolated event) {
          heard.add(event);
        }
      };

  ClassifierIsolationTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  private void assertThatTheCallGoesOn() throws Exception {
    try (Response response = call().execute()) {
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(observed.acquired.take().request())
        .isEqualTo(InferenceRequest.forAnyModel().input(InputUnit.BYTES, CHAT.length()).build());
    assertThat(new String(server.take().body, java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(CHAT);
  }

  @Test
  void aClassifierThatThrowsHarmsNothing() throws Exception {
    IllegalStateException defect = new IllegalStateException("a defect");
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(
                request -> {
                  throw defect;
                })
            .listener(listener)
            .build();
    assertThatTheCallGoesOn();
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).component()).isEqualTo(FaultIsolated.Component.CLASSIFIER);
    assertThat(heard.get(0).failure()).containsSame(defect);
  }

  @Test
  void aClassifierThatReturnsNullHarmsNothing() throws Exception {
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(request -> null)
            .listener(listener)
            .build();
    assertThatTheCallGoesOn();
    assertThat(heard).hasSize(1);
  }

  @Test
  void aListenerThatThrowsIsToldOfToTheOthers() throws Exception {
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(request -> null)
            .listener(
                new RouterListener() {
                  @Override
                  public void faultIsolated(FaultIsolated event) {
                    throw new IllegalStateException("a defect of the listener");
                  }
                })
            .listener(listener)
            .build();
    assertThatTheCallGoesOn();
    assertThat(heard)
        .extracting(FaultIsolated::component)
        .containsExactly(FaultIsolated.Component.LISTENER, FaultIsolated.Component.CLASSIFIER);
  }

  @Test
  void aClassifierCanAddToWhatTheReadyOneFinds() throws Exception {
    InferenceApiClassifier openAi = InferenceApiClassifier.create();
    calls =
        RoutingCallFactory.builder(router, client)
            .classifier(request -> openAi.classify(request).toBuilder().tenant("blue").build())
            .build();
    call().execute().close();
    InferenceRequest classified = observed.acquired.take().request();
    assertThat(classified.tenant()).isEqualTo("blue");
    assertThat(classified.model()).isEqualTo("m");
    assertThat(classified.outputLimit()).isEqualTo(100);
  }
}
